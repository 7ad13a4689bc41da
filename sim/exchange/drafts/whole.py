"""The whole scenario of one target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.exchange.drafts.answers import with_answers
from sim.exchange.drafts.argo_strategy import GATE as ARGO_GATE
from sim.exchange.drafts.argo_strategy import argo_strategy
from sim.exchange.drafts.flagger_strategy import GATE as FLAGGER_GATE
from sim.exchange.drafts.flagger_strategy import flagger_strategy
from sim.exchange.drafts.guessed import with_guesses
from sim.exchange.drafts.guesses import QUESTIONS, nodes, oncall, release, traffic
from sim.exchange.drafts.lines import MATTERS, Line, Missed, Tree, plain_name, spots_of
from sim.exchange.drafts.rolling import deployment_strategy
from sim.exchange.drafts.routes import routes
from sim.exchange.drafts.scaling import autoscaler
from sim.exchange.drafts.service import operating_system, service
from sim.exchange.drafts.writing import text_of
from sim.exchange.known import not_understood
from sim.exchange.spots import Spot
from sim.exchange.workloads import Target, scaled_between


@dataclass(frozen=True, slots=True)
class Draft:
    """A scenario's text, what it does not play, what to answer, and all places in manifests it comes from."""

    target: Target
    text: str
    missed: tuple[Missed, ...]
    questions: tuple[str, ...]
    spots: tuple[Spot, ...]

    @property
    def name(self) -> str:
        """A name for its file."""
        return plain_name(self.target.name)


def draft(target: Target, answers: Mapping[str, str] | None = None) -> Draft:
    """The scenario of one target: valid, playable, and honest about every line.

    ``answers`` stand in the place of guesses, by the names of the options of ``rollrisk init``; what is answered so
    that no scenario allows it is found by whoever reads the text.
    """
    missed: list[Missed] = []
    if not target.pod.there:
        told = "the pod template it names is not among the manifests; its pods are guesses"
        missed.append(Missed(target.owner.spot, told, "high", "Import the Deployment too."))
    if target.tool == "Rollout":
        name, strategy, gate = argo_strategy(target, missed)
        gates: Tree = {ARGO_GATE: gate} if gate else {}
    elif target.tool == "Canary":
        name, strategy, gate = flagger_strategy(target, missed)
        gates = {FLAGGER_GATE: gate} if gate else {}
    else:
        name, strategy = deployment_strategy(target, missed)
        gates = {}
    tree = _sections(target, missed)
    missed += _not_understood(target)
    missed += _decided_by_the_owner(target)
    if gates:
        tree["gates"] = gates
    tree["strategies"] = {name: strategy}
    with_answers(tree, answers or {})
    ordered = tuple(sorted(dict.fromkeys(missed), key=lambda each: MATTERS.index(each.matter)))
    own = tuple(dict.fromkeys(each.question for each in ordered if each.question))
    text = "\n".join(_head(target, ordered)) + "\n" + text_of(with_guesses(tree)) + _STUDY
    return Draft(target, text, ordered, (*own, *QUESTIONS), tuple(dict.fromkeys(spots_of(tree))))


def _sections(target: Target, missed: list[Missed]) -> Tree:
    serving = service(target, missed)
    replicas = serving["replicas"]
    count = replicas.value if isinstance(replicas, Line) else 1
    from_routes, to_stream = routes(target, missed)
    serving.update(from_routes)
    scaler = autoscaler(target, missed)
    if scaler:
        serving["autoscaler"] = scaler
    asked = traffic(count)
    streams = asked["streams"]
    assert isinstance(streams, dict)
    web = streams["web"]
    assert isinstance(web, dict)
    web.update(to_stream)
    pods = max(count, scaled_between(target.autoscaler)[1] if target.autoscaler else 0)
    cpu, memory = target.pod.requested()
    os = operating_system(target.pod).value
    return {
        "rollrisk": Line(1, ""),
        "name": Line(plain_name(target.name), str(target.owner.spot)),
        "question": Line("What does a release cost as these manifests roll it out?", ""),
        "service": serving,
        "nodes": nodes(pods, cpu, memory, os),
        "traffic": asked,
        "release": release(),
        "oncall": oncall(),
    }


def _decided_by_the_owner(target: Target) -> Iterator[Missed]:
    """What a Deployment says of itself where a Rollout or a Canary rolls it out."""
    if target.workload is None or target.workload is target.owner:
        return
    if target.owner.spec["template"].there:
        told = "a template beside workloadRef is not used"
        yield Missed(target.owner.spec["template"].spot, told, "low")
    spec, (_, played) = target.workload.spec, target.replicas
    for key in ("replicas", "progressDeadlineSeconds", "minReadySeconds", "strategy"):
        place = spec[key]
        overruled = (
            target.owner.spec[key].there or key == "strategy" or (key == "replicas" and played.spot != place.spot)
        )
        if place.there and overruled:
            promoted = target.tool == "Canary" and key == "strategy"
            told = "rolls the primary in the promotion, which is not played" if promoted else "is not what decides here"
            yield Missed(place.spot, told, "low")


def _not_understood(target: Target) -> Iterator[Missed]:
    """Fields that are not known here, of all that belongs to the target."""
    for each in target.belonging():
        for spot in not_understood(each):
            yield Missed(spot, "this field is not understood here; whatever it does is not played", "medium")


def _head(target: Target, missed: tuple[Missed, ...]) -> Iterator[str]:
    yield f"# Written by rollrisk import from {target.owner} ({target.owner.spot.file})."
    yield "# Behind each value stands where it comes from, or that it is a GUESS: correct those first."
    if missed:
        yield "#"
        yield "# Not played, what matters most first:"
        for each in missed:
            yield f"#   {each.matter}: {each}"


_STUDY = """\
# A first look of about a minute. To decide by it, play on: rollrisk run FILE --precision 10% --cap 400
study: {precision: 20%, pilot: 20, cap: 50}
"""
