"""The strategy of a Flagger Canary, and the gate that its checks are."""

from __future__ import annotations

from sim import units
from sim.exchange.drafts.lines import Line, Missed, Tree, found, otherwise, plain_name
from sim.exchange.fields import Field
from sim.exchange.flagger import Canary, Check
from sim.exchange.promql.reading import Query
from sim.exchange.workloads import Target

GATE = "checks"
SUCCESS, LATENCY = "request-success-rate", "request-duration"
COHORT = "5%"


def flagger_strategy(target: Target, missed: list[Missed]) -> tuple[str, Tree, Tree]:
    """A name for it, the strategy, and its gate."""
    canary = Canary(target.found, target.owner)
    name, tree = _strategy(canary, missed)
    gate = {} if target.owner.spec["skipAnalysis"].flag() else _gate(canary, missed)
    if gate:
        tree["gate"] = found(GATE, canary.analysis)
    tree["on_deadline"] = Line("rollback", "Flagger rolls back at the progress deadline")
    _not_played(canary, missed)
    return name, tree, gate


def _strategy(canary: Canary, missed: list[Missed]) -> tuple[str, Tree]:
    analysis, interval = canary.analysis, units.show_duration(canary.interval)
    if canary.owner.spec["skipAnalysis"].flag():
        told = "skipAnalysis promotes at once: the primary is rolled over unwatched"
        return "rolling", {"kind": found("rolling", canary.owner.spec["skipAnalysis"], note=told)}
    weights = canary.weights()
    if canary.iterations and not weights:
        return _by_iterations(canary, missed)
    if not weights:
        told = "neither weights nor iterations: the analysis never ends; here all traffic goes over at once"
        missed.append(Missed(analysis.spot, told, "high"))
        weights = [(1.0, analysis)]
    steps: list[Line] = []
    if analysis["mirror"].flag():
        share = analysis["mirrorWeight"].number() or 100.0
        steps.append(found({"weight": "0%", "hold": interval, "mirror": f"{share:.10g}%"}, analysis["mirror"]))
    last = 0.0
    for weight, field in weights:
        if weight <= last:
            told = "a weight that does not grow: Flagger stays there for ever; here it is left out"
            missed.append(Missed(field.spot, told, "high"))
            continue
        last = weight
        steps.append(found({"weight": f"{100 * weight:.10g}%", "hold": interval}, field, analysis["interval"]))
    tree: Tree = {"kind": found("canary", analysis), "steps": Line(steps, "")}
    if analysis["stepWeightPromotion"].whole():
        told = "the promotion in steps is not played: all traffic goes to the promoted fleet at once"
        missed.append(Missed(analysis["stepWeightPromotion"].spot, told, "medium"))
    return "canary", tree


def _by_iterations(canary: Canary, missed: list[Missed]) -> tuple[str, Tree]:
    """Blue/green, or A/B where users are chosen by a header."""
    analysis = canary.analysis
    lasts = units.show_duration(canary.iterations * canary.interval)
    places = (analysis["iterations"], analysis["interval"])
    if canary.matches:
        step = {"weight": "0%", "hold": lasts, "cohort": COHORT}
        note = "cohort is a GUESS, trust low: how many users match is not written"
        question = "What share of the requests matches? (strategies.*.steps)"
        told = "which users match is not known"
        missed.append(Missed(analysis["match"].spot, told, "high", question))
        tree: Tree = {"kind": found("canary", analysis), "steps": Line([found(step, *places, note=note)], "")}
        return "ab-test", tree
    tree = {"kind": found("blue_green", analysis), "smoke_test": found({"lasts": lasts}, *places)}
    told = "what the checks find before the switch is not known: only tests reach the new version then"
    question = "Which defects do they find, and how surely? (strategies.*.smoke_test.catches)"
    missed.append(Missed(analysis["iterations"].spot, told, "high", question))
    tree["keep_old"] = Line(units.show_duration(canary.interval), "one tick at 100 % before the promotion")
    return "blue-green", tree


def _gate(canary: Canary, missed: list[Missed]) -> Tree:
    tree: Tree = {"kind": found("flagger", canary.analysis)}
    windows: list[tuple[int, Field]] = []
    for check in canary.checks():
        if not _check(check, tree, missed):
            continue
        windows.append((check.window, check.field["interval"]))
    if "success" not in tree and "duration" not in tree:
        return {}
    threshold, interval = canary.analysis["threshold"], canary.analysis["interval"]
    tree["threshold"] = _written(canary.threshold, threshold)
    tree["every"] = _written(units.show_duration(canary.interval), interval)
    window, place = windows[0]
    tree["window"] = _written(units.show_duration(window), place)
    for other, field in windows[1:]:
        if other != window:
            told = "looks over another window than the first check; here all look as the first does"
            missed.append(Missed(field.spot, told, "low"))
    return tree


def _written(value: object, field: Field) -> Line:
    return found(value, field) if field.there else otherwise(value, field, "Flagger")


def _check(check: Check, tree: Tree, missed: list[Missed]) -> bool:
    """Put one check into the gate; False, and the reason among the missed, where it cannot be said."""
    least, most = check.bound("min"), check.bound("max")
    old = check.field["threshold"]
    if check.name in (SUCCESS, LATENCY) and not check.field["templateRef"].there:
        ok = check.name == SUCCESS
        number, place = least if ok else most
        if number is None:
            number, place = old.number(), old
        return _put(tree, "success" if ok else "duration", number, place, 100.0 if ok else 10**6, missed)
    question = f"What does metric {plain_name(check.name)} measure, and at which value is a release bad? (gates)"
    query = check.query
    if not isinstance(query, Query):
        why = "its template is not among the manifests" if not check.query_field.there else "its query is no PromQL"
        if query is None and check.provider not in ("", "prometheus"):
            why = f"a metric of {check.provider} cannot be read from a manifest"
        missed.append(Missed(check.field.spot, f"metric {plain_name(check.name)}: {why}", "high", question))
        return False
    if query.measure == "success" and least[0] is not None:
        return _put(tree, "success", least[0], least[1], query.scale, missed)
    if query.measure == "errors" and most[0] is not None:
        good = query.scale - most[0]
        return _put(tree, "success", good, most[1], query.scale, missed)
    if query.measure == "quantile" and query.unit and most[0] is not None and abs(query.quantile - 0.99) < 1e-9:
        return _put(tree, "duration", most[0], most[1], float(query.unit), missed)
    told = f"metric {plain_name(check.name)} is no share of good answers and no 99th percentile; it is not played"
    missed.append(Missed(check.field.spot, told, "high", question))
    return False


def _put(tree: Tree, key: str, number: float | None, place: Field, scale: float, missed: list[Missed]) -> bool:
    """A bound in the scenario's unit, where there is none yet."""
    if number is None or (key == "success" and not 0 <= number / scale <= 1):
        missed.append(Missed(place.spot, "the check has no bound that can be used", "high"))
        return False
    shown = f"{100 * number / scale:.10g}%" if key == "success" else units.show_duration(round(number * scale))
    if key in tree:
        missed.append(Missed(place.spot, "a second check of this sort is not played", "medium"))
        return False
    tree[key] = found(shown, place)
    return True


def _not_played(canary: Canary, missed: list[Missed]) -> None:
    for hook in canary.webhooks("confirm-rollout", "confirm-traffic-increase", "confirm-promotion"):
        told = "a hook that must agree is not played: here nobody is waited for"
        missed.append(Missed(hook["type"].spot, told, "medium", "How long is waited for it? (steps: approve: true)"))
    for hook in canary.webhooks("rollout", "pre-rollout"):
        told = "what a hook does (tests, load that reaches the canary) is not played"
        missed.append(Missed(hook.spot, told, "medium", "How many requests a second does it add? (traffic.streams)"))
    affinity = canary.analysis["sessionAffinity"]
    if affinity.there:
        told = (
            "users keep the version they met by a cookie, so that more and more are on the canary; that is not played"
        )
        missed.append(Missed(affinity.spot, told, "high"))
    for key in ("canaryReadyThreshold", "primaryReadyThreshold"):
        place = canary.analysis[key]
        if place.there:
            missed.append(Missed(place.spot, "fewer pods than all being enough is not played", "low"))
    told = "the promotion rolls the same change over the primary a second time, unwatched; that is not played"
    missed.append(Missed(canary.owner.spec.spot, told, "medium"))
