# %% [markdown]
# # Write your own strategy, and see whether it is worth keeping
#
# Somebody on the team says: "five per cent is too little to see anything and twenty too much to lose. Let us take half
# of the users for two minutes, and then all." Is that bold or foolish? A strategy is a small class with two scripts of
# steps.

# %%
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import pandas as pd

import sim
from sim.doors import Kind
from sim.quantities import Duration, default
from sim.scenario.resolved import Strategy
from sim.steps import Decision, Finish, Judge, Reading, Scale, Script, Wait, Weight
from sim.versions import NEW, STABLE

ROOT = Path("..") if Path("../scenarios").exists() else Path()
RELEASES = 3 if os.environ.get("ROLLRISK_FAST") else 30


# %% [markdown]
# ## The strategy
#
# It says *what* shall happen. How a step changes pods and routes, what a deadline or a rollback takes, is written once,
# in the controller, and is the same for all strategies.


# %%
class Halfway(Kind):
    """Halfway: half of the traffic to the new version for a while, then all of it."""

    kind: Literal["halfway"] = "halfway"
    example: ClassVar[dict[str, Any]] = {"kind": "halfway", "hold": "2m"}

    hold: Duration = default("2m", origin="two looks of the gate", trust="low")

    def rollout(self, replicas: int) -> Script:
        """Half a fleet and half of the traffic, judged; then everybody."""
        for share in (0.5, 1.0):
            yield Scale(version=NEW, replicas=math.ceil(share * replicas))
            yield Wait(ready=NEW)
            yield Weight(share=share)
            yield Judge(duration=self.hold if share < 1.0 else 0)
        yield Scale(version=STABLE, replicas=0)
        yield Finish(decision=Decision.PROMOTED)

    def rollback(self, replicas: int) -> Script:
        """Everybody back to the stable fleet."""
        yield Scale(version=STABLE, replicas=replicas)
        yield Wait(ready=STABLE)
        yield Weight(share=0.0)
        yield Scale(version=NEW, replicas=0)
        yield Finish(decision=Decision.ABORTED)

    def planned(self, replicas: int) -> int:
        """Nanoseconds the rollout holds on purpose."""
        return self.hold


# %% [markdown]
# ## Drive it by hand
#
# No simulation is needed to see what it does: it is a generator, and each step is answered with a reading.

# %%
script = Halfway().rollout(replicas=5)
steps = [next(script)]
while not isinstance(steps[-1], Finish):
    steps.append(script.send(Reading(at=0)))
steps

# %% [markdown]
# ## Play it beside the others
#
# `sim.replicate` plays one release: the same index brings every strategy the same traffic and the same luck.

# %%
textbook = sim.load(ROOT / "scenarios" / "textbook.yaml")
ours = Strategy(name="halfway", strategy=Halfway(), gate="success")
scenario = replace(textbook, strategies=(*textbook.strategies, ours))


def failed(strategy: str | None, case: str, index: int) -> float:
    """Failed requests of one release; strategy None is the same time without any release."""
    return sim.replicate(scenario, strategy=strategy, case=case, index=index).values["failed_requests"]


names = [each.name for each in scenario.strategies]
twin = pd.Series([failed(None, "good", index) for index in range(RELEASES)])
net = pd.DataFrame({name: [failed(name, "errors", index) for index in range(RELEASES)] for name in names}).sub(
    twin, axis=0
)
net.describe()

# %% [markdown]
# Paired differences, release by release: the noise that all three share is gone.

# %%
apart = net.sub(net["canary-80-20"], axis=0).drop(columns="canary-80-20")
apart.agg(["mean", "sem"])

# %% [markdown]
# ## One release, minute by minute

# %%
sim.timeline(scenario, "halfway", case="errors", index=0)

# %% [markdown]
# ## The decision
#
# Keep it only if it costs no more than the canary by more than the noise. If it stays, it becomes one file,
# `sim/strategies/halfway.py`, with the class above and nothing else: the folder is the registry, and every verb, the
# schema for editors and the tests that walk all strategies find it there (CONTRIBUTING.md has the whole recipe).

# %%
mean, noise = apart["halfway"].mean(), 2 * apart["halfway"].sem()
if mean > noise:
    decision = f"Drop it: a bad release costs {mean:.0f} ±{noise:.0f} failed requests more than by the canary."
elif mean < -noise:
    decision = f"Keep it: a bad release costs {-mean:.0f} ±{noise:.0f} failed requests less than by the canary."
else:
    decision = f"Cannot tell yet: {mean:.0f} ±{noise:.0f} failed requests apart; play more releases."
print(decision)
