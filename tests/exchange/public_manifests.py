"""Try ``import`` and ``review`` on public manifests: how many rollouts give a scenario that plays, and what is missed.

Nothing of them is in this repository but the list: ``public_manifests.csv`` names repository, commit and path. Clone
the repositories into one folder, each as ``OWNER+NAME`` (bare or not), and run::

    python tests/exchange/public_manifests.py FOLDER [--play] [--list]

It writes ``public_manifests_results.csv`` beside the list: for each rollout whether a scenario came out of it, whether
it passes ``check`` and plays one good release, how many fields that matter for a rollout are in the scenario
(``understood``), are named with what is lost (``named``), or are neither (``missed``), and how many findings it has.
With ``--list`` it makes the list anew from what is in the folder, with ``--labels`` it compares played steps,
weights, pods and gates with ``public_manifests_labels.csv``, which was written by hand from the same manifests. It is
no test: it needs what is not here.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim import units
from sim.errors import RollriskError
from sim.exchange.drafts.whole import Draft, draft
from sim.exchange.fields import Field
from sim.exchange.manifests import Found, gathered
from sim.exchange.review.findings import findings
from sim.exchange.sources import Source
from sim.exchange.spots import Spot
from sim.exchange.workloads import Target, targets
from sim.replication import replicate
from sim.scenario import Scenario, from_text

HERE = Path(__file__).parent
LABELS = HERE / "public_manifests_labels.csv"
LIST, RESULTS = HERE / "public_manifests.csv", HERE / "public_manifests_results.csv"
WANTED = re.compile(r"^\s*kind:\s*[\"']?(Rollout|Canary)\b", re.MULTILINE)
DONE: set[str] = set()
"""Texts that have been played, without names and comments."""
MATTERS = (
    "spec.replicas", "spec.minReadySeconds", "spec.progressDeadlineSeconds", "spec.progressDeadlineAbort",
    "spec.strategy",
    "spec.rollbackWindow", "spec.analysis", "spec.canaryAnalysis", "spec.skipAnalysis", "spec.service.retries",
    "spec.service.timeout", "spec.service.trafficPolicy.outlierDetection", "spec.service.trafficPolicy.connectionPool",
    "spec.template.spec.terminationGracePeriodSeconds", "spec.template.spec.topologySpreadConstraints",
    "spec.template.spec.affinity", "spec.template.spec.containers",
)  # fmt: skip
"""Fields that change the risk of a rollout, with all below them."""
FEW = 300
"""So many files of a repository are read whole; of a larger one the folders of its rollouts."""
NAMES = re.compile(
    r"(canaryService|stableService|activeService|previewService|name|url|metadata|headers?|args|templates?|match|path|port|"
    r"host|scheme|type|cmd|image|imagePullPolicy|ports|env|envFrom|command|volumeMounts|securityContext|trafficRouting|"
    r"httpGet|tcpSocket|exec|grpc|timeoutSeconds|limits|alerts|managedRoutes|labels|annotations|secretRef|timeout|"
    r"canaryMetadata|stableMetadata|ephemeral-storage|terminationMessagePath|terminationMessagePolicy|workingDir|tty|stdin|"
    r"volumeDevices|successfulRunHistoryLimit|unsuccessfulRunHistoryLimit|scaleDownDelayRevisionLimit|previewMetadata|activeMetadata|successThreshold|muteAlert|retries)"
)
"""Parts that name something, say how something is reached, or are no figure of a rollout."""


def main(arguments: list[str]) -> None:
    """Make the list, or try what is on it."""
    folder = Path(arguments[0])
    if "--labels" in arguments:
        compare(folder)
        return
    if "--list" in arguments:
        write_list(folder)
        return
    rows = [
        row for repository, files in listed() for row in tried(folder, repository, files, play="--play" in arguments)
    ]
    with RESULTS.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    tell(rows)


def write_list(folder: Path) -> None:
    """Every file of the repositories' newest commits that has a Rollout or a Canary."""
    rows = []
    for place in sorted(each for each in folder.iterdir() if "+" in each.name):
        commit = git(place, "rev-parse", "HEAD").strip()
        for path in git(place, "ls-tree", "-r", "--name-only", "HEAD").splitlines():
            if path.endswith((".yaml", ".yml")) and WANTED.search(git(place, "show", f"HEAD:{path}")):
                rows.append((place.name.replace("+", "/", 1), commit, path))
    with LIST.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("repository", "commit", "path"), *rows])


def git(place: Path, *words: str) -> str:
    """What git says of a clone, bare or not, in a folder or one below it."""
    at = place / "repo" if (place / "repo").exists() else place
    done = subprocess.run(["git", "-C", str(at), *words], capture_output=True, check=False)
    return done.stdout.decode("utf-8", errors="replace")


def listed() -> Iterator[tuple[tuple[str, str], list[str]]]:
    """The paths on the list by repository and commit."""
    grouped: dict[tuple[str, str], list[str]] = {}
    with LIST.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            grouped.setdefault((row["repository"], row["commit"]), []).append(row["path"])
    yield from grouped.items()


def tried(folder: Path, repository: tuple[str, str], files: list[str], *, play: bool) -> Iterator[dict[str, object]]:
    """A row for each rollout in these files, bound to what stands in their folders."""
    name, commit = repository
    place = folder / name.replace("/", "+", 1)
    folders = {str(Path(path).parent) for path in files}
    tree = git(place, "ls-tree", "-r", "--name-only", commit).splitlines()
    every = [path for path in tree if path.endswith((".yaml", ".yml"))]
    near = every if len(every) <= FEW else [path for path in every if str(Path(path).parent) in folders]
    found = gathered(Source(path, git(place, "show", f"{commit}:{path}")) for path in near)
    by_object = Counter(each.object + each.spot.file for each in findings(found))
    helm = {each.spot.file for each in found.remarks if "Helm" in each.message}
    others = {each.spot.file for each in found.of("Rollout", "Canary")}
    for target in targets(found):
        if target.tool in ("Rollout", "Canary") and target.owner.spot.file in files:
            row = {"repository": name, "commit": commit, "path": target.owner.spot.file, "line": target.owner.spot.line,
                   "kind": target.tool, "name": target.name}  # fmt: skip
            yield (
                row
                | outcome(found, target, play=play)
                | {"findings": by_object[f"{target.owner}{target.owner.spot.file}"]}
            )
    seen = {target.owner.spot.file for target in targets(found) if target.tool in ("Rollout", "Canary")}
    for path in files:
        if path not in seen:
            why = "another controller's, named" if path in others else "only refers to one"
            why = "Helm template, named" if path in helm else why
            yield {"repository": name, "commit": commit, "path": path, "line": 0, "kind": "", "name": "", "result": why,
                   "understood": 0, "named": 0, "missed": 0, "missed_paths": "", "findings": 0}  # fmt: skip


def outcome(found: Found, target: Target, *, play: bool) -> dict[str, object]:
    """How far one rollout gets."""
    result, made = "no scenario", None
    try:
        made = draft(target)
        scenario = from_text(made.text, "draft.yaml")
        result = "passes check"
        if play:
            played(scenario, made)
            result = "plays"
    except RollriskError as error:
        result = f"{result}: {str(error).splitlines()[0][:80]}"
    if made is None:
        return {"result": result, "understood": 0, "named": 0, "missed": 0, "missed_paths": ""}
    missed = sorted({each.path for each in unseen(target, made)})
    return {"result": result, "understood": len(made.spots), "named": len(made.missed), "missed": len(missed),
            "missed_paths": " ".join(missed)}  # fmt: skip


def played(scenario: Scenario, made: Draft) -> None:
    """One good release at a quiet hour, so that a long rollout takes seconds; what says the same is played once."""
    quiet = re.sub(r"peak: [0-9]+/s", "peak: 1/s", made.text)
    bare = re.sub(r"^name:.*|\s+# .*|^#.*", "", quiet, flags=re.MULTILINE)
    bare = re.sub(r"^    [A-Za-z0-9_-]+:$", "    one:", bare, flags=re.MULTILINE)
    if bare in DONE:
        return
    replicate(from_text(quiet, "draft.yaml"), strategy=scenario.strategies[0].name, case="good", index=0)
    DONE.add(bare)
    print(f"{len(DONE)} played", file=sys.stderr)


def unseen(target: Target, made: Draft) -> Iterator[Spot]:
    """Leaves that matter and are neither in the scenario nor named."""
    known = [*made.spots, *(each.spot for each in made.missed), *(each.spot for each in target.found.remarks)]
    holders = [target.owner] + [each for each in (target.workload,) if each is not None and each is not target.owner]
    for holder in holders:
        for leaf in leaves(holder.root):
            path = re.sub(r"\[\d+\]", "", leaf.spot.path)
            matters = any(path == each or path.startswith(f"{each}.") for each in MATTERS)
            named = any(isinstance(part, str) and NAMES.fullmatch(part) for part in leaf.trail[2:])
            if matters and not named and not any(covers(each, leaf.spot) for each in known):
                yield leaf.spot


def covers(spot: Spot, leaf: Spot) -> bool:
    """Whether one place is the other, or what it lies in."""
    same = (spot.file, spot.document) == (leaf.file, leaf.document)
    return same and bool(spot.trail) and leaf.trail[: len(spot.trail)] == spot.trail


def leaves(field: Field) -> Iterator[Field]:
    """The values at the ends of a manifest."""
    children = list(field.items()) if isinstance(field.data, list) else [field[name] for name in field.names()]
    if not children and field.there and field.data != {} and field.data != []:
        yield field
    for child in children:
        yield from leaves(child)


def compare(folder: Path) -> None:
    """The played steps, weights, pods and gates beside what a person read in the same manifests."""
    commits = {repository[0]: repository for repository, _ in listed()}
    equal = total = 0
    with LABELS.open(newline="", encoding="utf-8") as stream:
        for label in csv.DictReader(stream):
            total += 1
            name, commit = commits[label["repository"]]
            ours = [shown(each) for each in scenarios(folder / name.replace("/", "+", 1), commit, label["path"])]
            wanted = {key: value for key, value in label.items() if value and key not in ("repository", "path", "name")}
            fits = any(all(each.get(key) == value for key, value in wanted.items()) for each in ours)
            equal += fits
            if not fits:
                print(label["repository"], label["path"], "\n   label:", wanted, "\n   played:", ours)
    print(f"{equal} of {total} equal their labels")


def scenarios(place: Path, commit: str, path: str) -> Iterator[Scenario]:
    """The scenarios of the rollouts in one file."""
    every = [
        each
        for each in git(place, "ls-tree", "-r", "--name-only", commit).splitlines()
        if each.endswith((".yaml", ".yml"))
    ]
    beside = [each for each in every if len(every) <= FEW or Path(each).parent == Path(path).parent]
    found = gathered(Source(each, git(place, "show", f"{commit}:{each}")) for each in beside)
    for target in targets(found):
        if target.owner.spot.file == path and target.tool in ("Rollout", "Canary"):
            yield from_text(draft(target).text, "draft.yaml")


def shown(scenario: Scenario) -> dict[str, str]:
    """A scenario in the words of the labels."""
    (strategy,) = [each.strategy for each in scenario.strategies]
    steps = " ".join(
        f"{100 * each.weight:.10g}:{units.show_duration(each.hold)}{'!' if each.approve else ''}"
        for each in getattr(strategy, "steps", ())
    )
    gate = next(iter(scenario.gates.values()), None)
    test = getattr(strategy, "smoke_test", None)
    return {
        "replicas": str(scenario.service.replicas), "strategy": strategy.kind,
        "steps": steps or ("!" if getattr(strategy, "approve", False) else ""),
        "keeps": units.show_duration(getattr(strategy, "keep_old", 0)),
        "waits": units.show_duration(test.lasts) if test else "",
        "window": units.show_duration(gate.window) if gate else "", "bounds": bounds(gate),
    }  # fmt: skip


def bounds(gate: Any) -> str:
    """What a gate asks for."""
    if gate is None:
        return ""
    if gate.kind == "argo":
        return " ".join(f"{each.value} {each.success_condition}" for each in gate.metrics.values())
    words = [f"success {units.write_share(gate.success)}"] if gate.success is not None else []
    return " ".join([*words, *([f"duration {units.show_duration(gate.duration)}"] if gate.duration else [])])


def tell(rows: list[dict[str, object]]) -> None:
    """The table."""
    rollouts = [row for row in rows if row["kind"]]
    for kind in ("Rollout", "Canary"):
        mine = [row for row in rollouts if row["kind"] == kind]
        results = Counter(str(row["result"]).split(":")[0] for row in mine)
        sums = {key: sum(int(str(row[key])) for row in mine) for key in ("understood", "named", "missed", "findings")}
        print(kind, len(mine), dict(results), sums)
    print("named as no rollout of ours:", Counter(str(row["result"]) for row in rows if not row["kind"]))
    print("files:", len({(row["repository"], row["path"]) for row in rows}))


if __name__ == "__main__":
    main(sys.argv[1:])
