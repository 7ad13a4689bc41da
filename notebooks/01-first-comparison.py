# %% [markdown]
# # A first comparison: blue/green or an 80/20 canary?
#
# A team releases a small web service. Today it switches everybody at once (blue/green) and keeps the old fleet for a
# quarter of an hour. Somebody proposes a canary: a fifth of the traffic for fifteen minutes, then everybody. The same
# gate watches both. What does the change buy, and is it worth the wait?
#
# The scenario stands in `scenarios/textbook.yaml`. Nothing below prints behind your back: every result shows itself.

# %%
import os
from pathlib import Path

import sim

ROOT = Path("..") if Path("../scenarios").exists() else Path()
FAST = {"cap": 4, "pilot": 4} if os.environ.get("ROLLRISK_FAST") else {"cap": 40, "pilot": 20}
scenario = sim.load(ROOT / "scenarios" / "textbook.yaml")

# %% [markdown]
# ## By pencil, before anything is simulated
#
# How busy is the fleet at its peak, and what if a node is lost? Who cannot see what?

# %%
fleet = sim.check(scenario)
print(f"{fleet.fleet_rate:.0f} requests per second carried, {fleet.use_at_peak:.0%} busy at the peak")
fleet.warnings

# %% [markdown]
# ## Play the releases
#
# Good releases and bad ones, by both strategies, each on the same traffic and the same bad luck. What was played before
# is used again, so that running this cell twice costs nothing.

# %%
study = sim.run(scenario, results=ROOT / "results", **FAST)
study

# %% [markdown]
# ## What one bad release costs
#
# The mean hides the tail, so look at the whole distribution: how often does a bad release cost more than so many failed
# requests?

# %%
ax = study.plot.exposure()
ax.figure

# %% [markdown]
# Both strategies met the same luck, so the fair comparison is pair by pair: the same defect, the same traffic, the same
# second, released in two ways.

# %%
frame = study.frame()
bad = frame[frame["case"] != "good"]
pairs = bad.pivot(index=["case", "index"], columns="strategy", values="failed_requests")
(pairs["blue-green"] - pairs["canary-80-20"]).describe()

# %%
study.differences()

# %% [markdown]
# ## One release, minute by minute
#
# The typical bad release of the canary: how much traffic the new version got, what failed, what the gate said.

# %%
study.timeline("canary-80-20")

# %% [markdown]
# ## The decision
#
# The verdict is on one measure (here: failed requests), with a zone in which you do not care. Beside it stand the
# measures on which the order turns round; a canary costs time.

# %%
print(study.verdict)
print("The order turns round on:", ", ".join(study.findings.ruling.reversals) or "nothing")
study.summary()
