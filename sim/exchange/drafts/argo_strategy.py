"""The strategy of an Argo Rollout: its steps as weights that are held."""

from __future__ import annotations

from dataclasses import replace

from sim import units
from sim.exchange.analysis import Metric, metrics_of
from sim.exchange.argo import SCALE_DOWN_DELAY, Hold, analyses, holds, router, strategy_of
from sim.exchange.drafts.argo_gate import argo_gate
from sim.exchange.drafts.lines import Line, Missed, Tree, found, guess, otherwise
from sim.exchange.drafts.rolling import surge_and_unavailable
from sim.exchange.fields import Field
from sim.exchange.workloads import Target

ARGO = "Argo Rollouts"
GATE = "analysis"
_NOT_PLAYED = {
    "dynamicStableScale": ("stable pods shrink as the canary grows; here the stable fleet stays whole", "high"),
    "minPodsPerReplicaSet": ("a least number of canary pods is not played", "medium"),
    "pingPong": ("ping-pong Services are not played", "low"),
    "antiAffinity": ("anti-affinity of the two versions is not played", "low"),
    "replicaProgressThreshold": ("steps that go on before all pods are there are not played", "medium"),
    "abortScaleDownDelaySeconds": ("canary pods that stay for a while after an abort are not played", "low"),
}


def argo_strategy(target: Target, missed: list[Missed]) -> tuple[str, Tree, Tree]:
    """A name for it, the strategy, and its gate."""
    way, strategy = strategy_of(target.owner.spec)
    written = analyses(way, strategy)
    other = target.owner.spec.at("strategy", "blueGreen")
    if way == "canary" and other.there:
        missed.append(Missed(other.spot, "a Rollout with canary and blueGreen is refused; canary is read", "high"))
    gate = argo_gate(target, written, missed)
    if way == "blueGreen":
        name, tree = "blue-green", _blue_green(target, strategy, written, missed)
    else:
        name, tree = _canary(target, strategy, missed, judged=bool(gate))
    if gate and "gate" not in tree:
        tree["gate"] = found(GATE, next(field for when, field in written if when != "before"))
    window = target.owner.spec.at("rollbackWindow", "revisions")
    if window.there:
        told = "a rollback within the window skips the steps; here it is played as every rollback of the strategy"
        missed.append(Missed(window.spot, told, "low"))
    abort = target.owner.spec["progressDeadlineAbort"]
    stops = "rollback" if abort.flag() else "stop"
    tree["on_deadline"] = found(stops, abort) if abort.there else otherwise(stops, abort, ARGO)
    if tree["kind"] == found("rolling", strategy) or _kind(tree) in ("rolling", "recreate"):
        tree.pop("gate", None)
        gate = {}
    return name, tree, gate


def _analysed(target: Target, hold: Hold) -> int:
    """How long the analyses of a hold keep it, ns, where no gate plays them."""
    asked = [each for analysis in hold.analyses for each in metrics_of(target.found, target.owner, analysis)]
    return max((each.lasts() for each in asked if isinstance(each, Metric)), default=0)


def _kind(tree: Tree) -> object:
    kind = tree["kind"]
    return kind.value if isinstance(kind, Line) else None


def _canary(target: Target, strategy: Field, missed: list[Missed], *, judged: bool) -> tuple[str, Tree]:
    routed = router(strategy)
    played = _growing(list(holds(strategy)), missed, routed=bool(routed))
    if not judged:
        played = [replace(each, lasts=each.lasts + _analysed(target, each)) for each in played]
    for key, (told, matter) in _NOT_PLAYED.items():
        if strategy[key].there:
            missed.append(Missed(strategy[key].spot, told, matter))  # type: ignore[arg-type]
    _other_steps(strategy, missed)
    for key in ("maxSurge", "maxUnavailable"):
        if routed and strategy[key].there:
            told = "has no effect on a canary with a router: canary pods come beside the stable ones"
            missed.append(Missed(strategy[key].spot, told, "low"))
    if not played and not routed:
        tree: Tree = {"kind": Line("rolling", "a canary without weights and router replaces pods as a Deployment does")}
        return "rolling", tree | surge_and_unavailable(strategy, ARGO)
    kind = "canary" if routed else "basic_canary"
    origin = strategy["trafficRouting"] if routed else strategy
    note = "" if routed else "no trafficRouting: pods are the weight"
    tree = {"kind": found(kind, origin, note=note)}
    steps = [
        Line(_step(each, routed=bool(routed)), _origin(each), tuple(field.spot for field in each.fields))
        for each in played
    ]
    if not steps:
        steps = [Line({"weight": "100%", "hold": "0s"}, f"{strategy.spot} has no steps: all at once")]
    tree["steps"] = Line(steps, "")
    if routed:
        tree["guard"] = guess(True, "Argo Rollouts 1.9 and later wait for the stable fleet; false before", "medium")
        delay = strategy["scaleDownDelaySeconds"]
        lasts = units.show_duration((delay.seconds() or 0) if delay.there else SCALE_DOWN_DELAY)
        tree["bake"] = found(lasts, delay) if delay.there else otherwise(lasts, delay, ARGO)
    else:
        tree.update(surge_and_unavailable(strategy, ARGO))
    return ("canary", tree)


def _growing(written: list[Hold], missed: list[Missed], *, routed: bool) -> list[Hold]:
    """The holds that grow: equal weights are one, what comes before the first and what falls is told."""
    played: list[Hold] = []
    for hold in written:
        dark = routed and hold.weight == 0.0 and (hold.header or hold.mirror)
        if hold.weight == 0.0 and not dark:
            told = "what happens before the first weight is not played: no user is on the new version yet"
            missed.extend(Missed(each.spot, told, "low") for each in hold.fields)
        elif played and hold.weight <= played[-1].weight and not dark:
            if hold.weight < played[-1].weight:
                told = "the weight falls; here the weight before it is kept as long"
                missed.append(Missed(hold.field.spot, told, "medium"))
            played[-1] = _together(played[-1], hold)
        elif played and dark and played[-1].weight == 0.0:
            played[-1] = _together(played[-1], hold)
        else:
            played.append(hold)
        if routed and hold.scale is not None and hold.weight > 0:
            told = "setCanaryScale gives the canary another number of pods than its weight; here pods follow the weight"
            place = next((each for each in hold.fields if each["setCanaryScale"].there), hold.fields[0])
            missed.append(Missed(place.spot, told, "high"))
    return played


def _together(one: Hold, other: Hold) -> Hold:
    return replace(
        one,
        lasts=one.lasts + other.lasts,
        endless=one.endless or other.endless,
        analyses=(*one.analyses, *other.analyses),
        header=one.header or other.header,
        mirror=max(one.mirror, other.mirror),
        fields=(*one.fields, *other.fields),
    )


def _step(hold: Hold, *, routed: bool) -> dict[str, object]:
    step: dict[str, object] = {"weight": f"{100 * hold.weight:.10g}%", "hold": units.show_duration(hold.lasts)}
    if hold.header and routed:
        step["cohort"] = "1%"
    if hold.mirror and routed:
        step["mirror"] = f"{100 * hold.mirror:.10g}%"
    if hold.endless:
        step["approve"] = True
    return step


def _origin(hold: Hold) -> str:
    first, last = hold.fields[0], hold.fields[-1]
    words = str(first.spot)
    if last is not first:
        words += f" to {last.spot.path}, line {last.spot.line}"
    if hold.header:
        words += " (cohort is a GUESS, trust low: who has the header is not written)"
    return words


def _other_steps(strategy: Field, missed: list[Missed]) -> None:
    for step in strategy["steps"].items():
        if step["experiment"].there:
            missed.append(Missed(step["experiment"].spot, "an experiment is not played", "medium"))
        if step["plugin"].there:
            missed.append(Missed(step["plugin"].spot, "a step of a plugin is not played", "medium"))
        if step["replicaProgressThreshold"].there:
            told, _ = _NOT_PLAYED["replicaProgressThreshold"]
            missed.append(Missed(step["replicaProgressThreshold"].spot, told, "medium"))
    inline = [hold for hold in holds(strategy) if hold.weight > 0 and not hold.analyses]
    if inline and any(hold.analyses for hold in holds(strategy)) and not strategy["analysis"].there:
        told = "this weight has no analysis of its own; here the analysis of the others judges it too"
        missed.append(Missed(inline[0].field.spot, told, "medium"))


def _blue_green(target: Target, strategy: Field, written: list[tuple[str, Field]], missed: list[Missed]) -> Tree:
    tree: Tree = {"kind": found("blue_green", strategy)}
    delay = strategy["scaleDownDelaySeconds"]
    lasts = (delay.seconds() or 0) if delay.there else SCALE_DOWN_DELAY
    tree["keep_old"] = (found if delay.there else _default)(units.show_duration(lasts), delay)
    if not strategy["previewService"].there:
        told = "no previewService: proxies hear of the new pods only at the switch"
        tree["preview"] = Line(False, told)
    automatic, seconds = strategy["autoPromotionEnabled"], strategy["autoPromotionSeconds"]
    if automatic.flag() is False:
        tree["approve"] = found(True, automatic)
    waits, places = 0, []
    if seconds.whole() and automatic.flag() is not False:
        waits, places = waits + (seconds.seconds() or 0), [seconds]
    for when, field in written:
        if when == "before":
            asked = [each for each in metrics_of(target.found, target.owner, field) if isinstance(each, Metric)]
            waits, places = waits + max((each.lasts() for each in asked), default=0), [*places, field]
            told = "what the analysis before the switch finds is not known: no user is on the new version then"
            question = "Which defects does it find, and how surely? (strategies.*.smoke_test.catches)"
            missed.append(Missed(field.spot, told, "high", question))
    if waits:
        tree["smoke_test"] = found({"lasts": units.show_duration(waits)}, *places)
    if strategy["antiAffinity"].there:
        missed.append(Missed(strategy["antiAffinity"].spot, _NOT_PLAYED["antiAffinity"][0], "low"))
    if strategy["previewReplicaCount"].there:
        told = "a smaller preview fleet is not played: the new fleet comes whole"
        missed.append(Missed(strategy["previewReplicaCount"].spot, told, "medium"))
    return tree


def _default(value: object, field: Field) -> Line:
    return otherwise(value, field, ARGO)
