"""Rules on who calls which dependency."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.model.written import Written
from sim.scenario.rules.rule import Breach, Rule, failures_in, reads, unknown


@reads("traffic", "dependencies")
def streams_call_dependencies_that_can_answer(written: Written) -> Iterator[Breach]:
    """A call needs a dependency, and that its concurrency and work are known."""
    known = list(written.dependencies)
    for name, stream in written.traffic.streams.items():
        for called in stream.calls:
            trail = ("traffic", "streams", name, "calls", called)
            if called not in written.dependencies:
                yield trail, unknown(called, "dependency", known)
            elif written.dependencies[called].concurrency is None:
                yield (
                    trail,
                    f"{called} is called, so it needs concurrency: and work:, as {{concurrency: 50, work: 5ms}}",
                )


@reads("dependencies")
def concurrency_and_work_stand_together(written: Written) -> Iterator[Breach]:
    """One without the other says nothing."""
    for name, each in written.dependencies.items():
        if (each.concurrency is None) != (each.work is None):
            missing = "work" if each.work is None else "concurrency"
            yield ("dependencies", name), f"concurrency: and work: belong together; {missing}: is missing"


@reads("dependencies")
def one_pod_finds_its_connections(written: Written) -> Iterator[Breach]:
    """A pod that needs more than there are is never ready."""
    for name, each in written.dependencies.items():
        if each.per_pod > each.connections:
            yield (
                ("dependencies", name, "per_pod"),
                f"one pod asks for {each.per_pod} of {each.connections} connections and is never ready; "
                f"write {each.connections} or less",
            )


@reads("release", "conditions", "dependencies")
def larger_pools_are_of_dependencies_there_are(written: Written) -> Iterator[Breach]:
    """More connections need a dependency of which pods hold some."""
    known = [name for name, each in written.dependencies.items() if each.per_pod]
    for trail, failure in failures_in(written):
        if getattr(failure, "kind", "") != "more_connections":
            continue
        if failure.dependency is not None and failure.dependency not in known:
            yield (*trail, "dependency"), unknown(failure.dependency, "dependency with per_pod", known)
        elif not known:
            yield trail, "pods hold connections of nothing; write dependencies: {db: {connections: 200, per_pod: 10}}"


@reads("release", "conditions", "dependencies")
def starting_pods_ask_dependencies_that_can_answer(written: Written) -> Iterator[Breach]:
    """A start-up load needs a dependency, and that its concurrency and work are known."""
    known = [name for name, each in written.dependencies.items() if each.concurrency is not None]
    for trail, failure in failures_in(written):
        if getattr(failure, "kind", "") == "start_load" and failure.dependency not in known:
            yield (*trail, "dependency"), unknown(failure.dependency, "dependency with concurrency and work", known)


@reads("release", "traffic")
def the_new_version_calls_where_its_streams_do(written: Written) -> Iterator[Breach]:
    """A changed number of calls needs a stream that calls something."""
    streams = written.traffic.streams
    for name in written.release.version.calls:
        trail = ("release", "version", "calls", name)
        if name not in streams:
            yield trail, unknown(name, "stream", list(streams))
        elif not streams[name].calls:
            yield trail, f"stream {name} calls no dependency; write traffic.streams.{name}.calls first"


RULES: tuple[Rule, ...] = (
    streams_call_dependencies_that_can_answer,
    concurrency_and_work_stand_together,
    one_pod_finds_its_connections,
    larger_pools_are_of_dependencies_there_are,
    starting_pods_ask_dependencies_that_can_answer,
    the_new_version_calls_where_its_streams_do,
)
