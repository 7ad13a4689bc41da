"""Past releases: what a list of them says of the next one, and what it cannot say.

``releases`` reads the list, ``words`` knows what its columns and words are called, ``fits`` turns them into figures
with intervals over cited priors, ``inputs`` into lines of a scenario.
"""
