"""Past releases: what a list of them says of the next one, and what it cannot say.

``words`` knows what its columns and words are called, ``cells`` and ``releases`` read the list, ``fits`` turns it into
figures with intervals over cited priors, ``inputs`` into lines of a scenario, ``beside`` into text.
"""
