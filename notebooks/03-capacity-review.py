# %% [markdown]
# # A capacity review: may the evening peak grow by a quarter?
#
# Marketing expects a quarter more traffic, half as much again if it goes well. The review board asks three things:
# how many pods and nodes does that take, does it still hold when a node is lost *while a release is under way*, and
# what has to be watched?
#
# A release takes capacity away (or asks for more of it) at the very moment when it is needed, which most plans
# forget.

# %%
import os
from dataclasses import replace
from pathlib import Path

import sim

ROOT = Path("..") if Path("../scenarios").exists() else Path()
FAST = bool(os.environ.get("ROLLRISK_FAST"))
scenario = sim.load(ROOT / "scenarios" / ("textbook.yaml" if FAST else "checkout-evening-peak.yaml"))
if FAST:  # one strategy is enough to see that every cell runs
    scenario = replace(scenario, strategies=scenario.strategies[:1])

# %% [markdown]
# ## What a pencil says
#
# Busy is not broken: queues grow long before the last slot is taken, and a release is not in this arithmetic at
# all.

# %%
fleet = sim.check(scenario)
print(f"{scenario.service.replicas} pods carry {fleet.fleet_rate:.0f} rps; the peak is {fleet.peak_rate:.0f} rps")
print(f"busy at the peak: {fleet.use_at_peak:.0%}, with a node less: {fleet.use_with_node_less:.0%}")

# %% [markdown]
# ## What a release needs
#
# For each strategy the smallest fleet, and the smallest pool of nodes for it, that keep the promise through a good
# release at the peak: found by search, each fleet played on the same luck, enough only if the whole confidence
# interval lies within the promise. A lost node is really lost: it goes silent early, half-way or late in the
# release, the cluster notices after its detection time, and gives the pods up minutes later.

# %%
capacity = sim.capacity(
    scenario, growths=(1.0,) if FAST else (1.0, 1.25, 1.5), replications=3 if FAST else 8, workers=1 if FAST else None
)
capacity

# %% [markdown]
# How sure is each edge? `below` says what one pod less would do, and `why` on what it breaks. A strategy that sends
# a few percent of the traffic to a single canary pod cannot lose that pod's node, however large the fleet behind it
# is.

# %%
capacity.fleets()[["strategy", "growth", "loss", "replicas", "nodes", "surge", "share", "below", "why", "blind"]]

# %% [markdown]
# `blind` are the requests that fail before anyone has noticed the loss. No fleet prevents those: quicker detection
# does.
#
# ## What becomes of today's fleet, and where it breaks
#
# `rate` is the traffic that today's fleet surely carries through a release, `broken` the lowest that it surely does
# not.

# %%
capacity.lost()

# %%
capacity.walls()

# %% [markdown]
# ## What runs out first, and when
#
# The lowest headroom of each resource through the release; below zero more is asked than there is.

# %%
capacity.headroom().groupby(["strategy", "loss", "resource"])["left"].min().unstack()

# %%
capacity.prices()

# %% [markdown]
# ## The decision
#
# One sentence for the minutes, and a page with options, triggers, assumptions and room for signatures:
# `capacity.write("review.html")` writes it for the board.

# %%
print(capacity.ask)
