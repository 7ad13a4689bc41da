# %% [markdown]
# # Tuning a gate: how impatient may it be?
#
# A gate that stops a release at the first bad minute spares users and sometimes stops a good release. A patient one
# never cries wolf and lets users pay. The same canary is guarded here by three gates that differ only in how often they
# must see it fail; the service, its traffic, its bad releases and their luck are the same.

# %%
import copy
import os
from pathlib import Path

import sim

ROOT = Path("..") if Path("../scenarios").exists() else Path()
FAST = {"cap": 4, "pilot": 4} if os.environ.get("ROLLRISK_FAST") else {"cap": 60, "pilot": 30}
textbook = sim.load(ROOT / "scenarios" / "textbook.yaml")

# %% [markdown]
# A scenario is plain data too: take the file's, put three gates into it, and one canary behind each.

# %%
data = copy.deepcopy(dict(textbook.document))
data["name"] = "three gates"
data["question"] = "How many failing minutes should a gate wait for?"
patience = {"first-minute": 1, "second-minute": 2, "fifth-minute": 5}
gate, canary = data["gates"]["success"], data["strategies"]["canary-80-20"]
data["gates"] = {name: {**gate, "fails": fails} for name, fails in patience.items()}
data["strategies"] = {name: {**canary, "gate": name} for name in patience}

# %% [markdown]
# ## What can a gate see at all?
#
# Before anything is played: the share of the traffic that the canary gets decides how many requests a minute the gate
# judges by.

# %%
sim.check(data).warnings

# %% [markdown]
# ## Play
#
# The good releases matter as much as the bad ones: a gate is judged by what it stops wrongly, too.

# %%
study = sim.run(data, results=ROOT / "results", **FAST)
study

# %%
frame = study.frame()
frame["kind"] = frame["case"].where(frame["case"] == "good", "bad")
frame.groupby(["kind", "strategy"])[["failed_requests", "stopped_gate", "aborted", "duration"]].mean()

# %% [markdown]
# ## One release, minute by minute
#
# The same bad release under the most patient gate: see how long it keeps watching.

# %%
study.timeline("fifth-minute")

# %% [markdown]
# ## The decision
#
# The verdict weighs good and bad releases as often as you said they come. Look at the good releases that were aborted
# before you follow it: the simulation prices failed requests, not the trust of those who are woken for nothing.

# %%
print(study.verdict)
study.differences()
