"""Statistics that know arrays and nothing of rollouts.

A *stratum* is a kind of release with its probability; its sample holds one number per replication index, index i in
place i. Strata share luck: index i of one is not independent of index i of another, and every interval here on a
mixture takes that into account. Samples may differ in length.

* ``intervals``: one sample: mean, proportion, quantile
* ``stratified``: the expectation over strata, given some of them, at another rate; who gets the next replications
* ``rates``: over a range of rates, and between which the break-even lies
* ``paired``: differences on common luck, several at once, chance to win
* ``best``: all pairs at once, each against the best of the others; ``selection``: run until the best is known
* ``shares``: chances over strata
* ``exceedance``: how often more than so much, quantiles and tail means of a mixture
* ``annual``: a year of releases; ``compound``: the sum of many draws from a mixture, not drawn
* ``ratio``: ratios of expectations
* ``skewed``: intervals that lean to the side of the long tail; ``resampling``: the same by drawing again
* ``tail``: whether a sample can carry a mean at all
* ``stopping``: precise enough, and how many more it would take
* ``coverage``: how often an interval holds the truth
"""
