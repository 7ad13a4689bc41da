"""The what-if page: a group moves the knobs of a scenario and sees what changes, from quick runs on common luck.

* ``library``: which scenario files may be opened, and that nothing outside their folders is
* ``ladder``, ``dials``: the knobs of a scenario, and the next rung up and down of each
* ``changes``: a scenario with other values, or what is wrong with them
* ``state``: everything a page shows, as an address that can be sent to a colleague
* ``player``, ``looks``, ``lines``: releases played quickly, before and after, and what differs
* ``desk``: who asks; what nobody waits for any more is dropped
* ``studies``, ``sending``: the promising ones as full studies, in a process of their own
* ``guards``: who may ask at all
* ``pages``, ``answers``, ``app``: HTML, requests and answers

A quick look is never a decision, and says so.
"""
