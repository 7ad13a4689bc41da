"""What if: questions about parts of a release that need no full replications.

* ``bench``: a gate put to scraped counts that a trial brings, without cluster and requests
* ``trials``: such counts, drawn by address from rates, weights and error ratios
* ``rehearsal``: a strategy's script gone through by hand: which share of the traffic is held for how long
* ``power``: a gate's operating characteristic, with intervals, and the sentence that says it
* ``closed_form``: the same by arithmetic, where there is one
"""
