"""``rollrisk review``: what cannot work and what costs requests in manifests, at once and without playing anything."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import log, plain, say, say_json, width
from sim.cli.status import Status
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.exchange.manifests import Found
    from sim.exchange.review.rule import Finding

MOST_TOLD = 10


@click.command("review")
@click.argument("paths", nargs=-1, metavar="PATH…")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "risk", "note", "never"]),
    default="error",
    show_default=True,
    help="From which level on the exit status is 10.",
)
@click.option("--baseline", type=click.Path(path_type=Path), help="Leave out what stands in this file.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="Write what is found into a new file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--sarif", "as_sarif", is_flag=True, help="SARIF 2.1.0, for code scanning.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules and their sources.")
def command(
    paths: tuple[str, ...],
    fail_on: str,
    baseline: Path | None,
    write_baseline: Path | None,
    as_json: bool,
    as_sarif: bool,
    list_rules: bool,
) -> int:
    """Review the manifests in PATH…: files, folders, - for stdin. Worst first; nothing is simulated.

    Three levels: an error is refused by the controller or provably cannot work, a risk costs requests or hides faults,
    a note is the rest. A finding is accepted in place by a comment with an end and a reason:
    # rollrisk: accept RULE until 2027-06-30: REASON

    \b
    Examples:
      rollrisk review k8s/
      helm template shop chart/ | rollrisk review -
      rollrisk review k8s/ --sarif > rollrisk.sarif
    """
    if list_rules:
        return _list()
    if not paths:
        raise UsageError("name files or folders, or - for standard input")
    from sim.exchange.manifests import gathered
    from sim.exchange.review.findings import findings
    from sim.exchange.sources import sources

    found = gathered(sources(paths, sys.stdin.buffer if "-" in paths else None))
    left, accepted = _left(found, findings(found), baseline)
    if write_baseline is not None:
        _write(write_baseline, left)
    if as_sarif:
        _say_sarif(left)
    elif as_json:
        say_json(_plain(found, left, accepted))
    else:
        _tell(found, left, accepted)
    return Status.FAILED if _fails(left, fail_on) else Status.DONE


def _list() -> int:
    from sim.exchange.review.rules import RULES

    for rule in RULES:
        say(f"{rule.level:<5}  {rule.name}: {rule.title}")
        say(_wrapped(f"source: {rule.source}"))
    return Status.DONE


def _left(found: Found, all_found: Sequence[Finding], baseline: Path | None) -> tuple[list[Finding], int]:
    """What nobody has accepted, and how many somebody has."""
    import datetime

    from sim.exchange.review.accepting import read_baseline, without_accepted
    from sim.exchange.review.rules import RULES

    left, accepted = without_accepted(found, all_found, [rule.name for rule in RULES], datetime.date.today())
    if baseline is None:
        return left, accepted
    try:
        known = read_baseline(baseline.read_text(encoding="utf-8"), str(baseline))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{baseline} cannot be read: {getattr(error, 'strerror', None) or 'no text'}") from None
    new = [each for each in left if each.fingerprint not in known]
    return new, accepted + len(left) - len(new)


def _write(file: Path, left: Sequence[Finding]) -> None:
    from sim.exchange.review.accepting import baseline_text
    from sim.study.outputs import BASELINE, write

    if file.is_file() and file.stat().st_size:
        raise UsageError(f"{file} is there already; remove it first, or give another name")
    write(file, baseline_text(left).encode(), BASELINE)
    log(f"{file} is written with {len(left)} findings")


def _fails(left: Sequence[Finding], fail_on: str) -> bool:
    from sim.exchange.review.rule import LEVELS

    if fail_on == "never":
        return False
    return any(LEVELS.index(each.level) <= LEVELS.index(fail_on) for each in left)


def _tell(found: Found, left: Sequence[Finding], accepted: int) -> None:
    for remark in found.remarks[:MOST_TOLD]:
        log(str(remark))
    if len(found.remarks) > MOST_TOLD:
        log(f"and {len(found.remarks) - MOST_TOLD} more remarks; --json has all")
    groups: dict[tuple[str, str, str, str], list[Finding]] = {}
    for each in left:
        groups.setdefault((each.level, each.rule, each.message, each.cure), []).append(each)
    for (level, rule, message, cure), alike in groups.items():
        say(f"{level}  {rule}")
        for each in alike[:MOST_TOLD]:
            line = f":{each.spot.line}" if each.spot.line else ""
            say(f"    {each.spot.file}{line}  {each.object}  {each.spot.path}".rstrip())
        if len(alike) > MOST_TOLD:
            say(f"    and {len(alike) - MOST_TOLD} more; --json has all")
        say(_wrapped(plain(message)))
        say(_wrapped(plain(f"cure: {cure}")))
    say(_summary(found, left, accepted))


def _summary(found: Found, left: Sequence[Finding], accepted: int) -> str:
    from sim.exchange.review.rule import LEVELS
    from sim.exchange.workloads import targets

    counts = {level: sum(each.level == level for each in left) for level in LEVELS}
    words = ", ".join(f"{count} {level}{'s' if count != 1 else ''}" for level, count in counts.items())
    more = f"; {accepted} accepted" if accepted else ""
    looked = sum(1 for _ in targets(found))
    nothing = "; nothing in them is rolled out" if not looked else ""
    return f"{words}{more}; {len(found.manifests)} manifests, {looked} of them rolled out{nothing}"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, width(), initial_indent="    ", subsequent_indent="    ", break_long_words=False)


def _say_sarif(left: Sequence[Finding]) -> None:
    from importlib.metadata import version

    from sim.exchange.review.rules import RULES
    from sim.exchange.review.sarif import sarif

    say_json(sarif(left, RULES, version("rollrisk")))


def _plain(found: Found, left: Sequence[Finding], accepted: int) -> dict[str, Any]:
    return {
        "findings": [
            {
                "rule": each.rule, "level": each.level, "file": each.spot.file, "document": each.spot.document,
                "line": each.spot.line, "path": each.spot.path, "object": each.object, "message": each.message,
                "cure": each.cure, "fingerprint": each.fingerprint,
            }
            for each in left
        ],
        "accepted": accepted,
        "manifests": len(found.manifests),
        "remarks": [str(each) for each in found.remarks],
    }  # fmt: skip
