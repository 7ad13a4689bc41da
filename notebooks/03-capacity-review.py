# %% [markdown]
# # A capacity review: may the evening peak grow by half?
#
# Marketing expects half as much traffic again. The review board asks three things: how many pods and nodes does that
# take, does it still hold when a node is lost *while a release is under way*, and what has to be watched?
#
# A release takes capacity away (or asks for more of it) at the very moment when it is needed, which most plans forget.

# %%
import os
from pathlib import Path

import sim

ROOT = Path("..") if Path("../scenarios").exists() else Path()
FAST = bool(os.environ.get("ROLLRISK_FAST"))
scenario = sim.load(ROOT / "scenarios" / ("textbook.yaml" if FAST else "checkout-evening-peak.yaml"))

# %% [markdown]
# ## What a pencil says
#
# Busy is not broken: queues grow long before the last slot is taken, and a release is not in this arithmetic at all.

# %%
fleet = sim.check(scenario)
print(f"{scenario.service.replicas} pods carry {fleet.fleet_rate:.0f} rps; the peak is {fleet.peak_rate:.0f} rps")
print(f"busy at the peak: {fleet.use_at_peak:.0%}, with a node less: {fleet.use_with_node_less:.0%}")

# %% [markdown]
# ## What a release needs
#
# For each strategy the smallest fleet that keeps the promise through a good release at the peak: found by search, each
# fleet played on the same luck, enough only if the whole confidence interval lies within the promise.

# %%
capacity = sim.capacity(scenario, growths=(1.0,) if FAST else (1.0, 1.5), replications=3 if FAST else 8)
capacity

# %% [markdown]
# ## Where today's fleet breaks, and on what
#
# `rate` is the traffic that today's fleet still carries through a release; `first` is the resource of which least is
# left at today's peak.

# %%
capacity.walls()

# %%
capacity.prices()

# %% [markdown]
# ## The decision
#
# One sentence for the minutes, and a page with options, triggers, assumptions and room for signatures.

# %%
print(capacity.ask)
print(capacity.page()[:600], "…")
