"""``rollrisk kinds``: what exists, one line each, from the docstrings."""

from __future__ import annotations

import difflib
import inspect
import textwrap
from typing import Any

import click

from sim.cli.console import say, say_json, width
from sim.errors import UsageError


@click.command("kinds")
@click.argument("wanted", required=False, metavar="[FAMILY|KIND]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: family, word, sentence, fields, example.")
def command(wanted: str | None, as_json: bool) -> None:
    """What a scenario can name: strategies, gates, failures, laws and the rest.

    With a FAMILY, its kinds with their fields and an example; with the word of one KIND, only that.

    \b
    Examples:
      rollrisk kinds
      rollrisk kinds strategies
      rollrisk kinds canary
    """
    found = _found(wanted)
    if as_json:
        say_json({name: {word: _plain(kind) for word, kind in members.items()} for name, members in found.items()})
        return
    for name, members in found.items():
        say(name)
        for word, kind in members.items():
            say(textwrap.fill(sentence(kind), width(), initial_indent=f"  {word:<16} ", subsequent_indent=" " * 19))
            if wanted:
                say(_details(kind))
        say("")


def _found(wanted: str | None) -> dict[str, dict[str, type[Any]]]:
    """The kinds asked for, by family: all, those of a family (also named in the singular), or those of one word."""
    from sim.doors import FAMILIES, kinds

    families = {name: dict(kinds(name)) for name in FAMILIES}
    if wanted is None:
        return families
    named = [name for name in FAMILIES if wanted in (name, name.removesuffix("s"), name.removesuffix("ies") + "y")]
    if named:
        return {name: families[name] for name in named}
    found = {name: {wanted: members[wanted]} for name, members in families.items() if wanted in members}
    if not found:
        words = [*FAMILIES, *(word for members in families.values() for word in members)]
        near = difflib.get_close_matches(wanted, words, n=1, cutoff=0.5)
        suggestion = f", did you mean {near[0]!r}?" if near else ";"
        raise UsageError(f"there is no family or kind {wanted!r}{suggestion} families: {', '.join(FAMILIES)}")
    return found


def sentence(kind: type[Any]) -> str:
    """The first line of a kind's docstring."""
    return (inspect.getdoc(kind) or "").split("\n", 1)[0]


def _fields(kind: type[Any]) -> dict[str, str]:
    """Each field with its default as written, or "required"."""
    return {
        name: "required"
        if field.is_required()
        else _written(field.get_default(call_default_factory=True, validated_data={}))
        for name, field in kind.model_fields.items()
        if name != "kind"
    }


def _written(value: Any) -> str:
    """A default as a scenario would say it."""
    return (
        {None: "none", True: "true", False: "false"}.get(value, "")
        if value is None or isinstance(value, bool)
        else str(value)
    )


def _details(kind: type[Any]) -> str:
    from sim.gates import Gate
    from sim.whatif.reference import meant_for

    fields = ", ".join(f"{name}: {value}" for name, value in _fields(kind).items()) or "no fields"
    example = _flow(getattr(kind, "example", {}))
    lines = [*textwrap.wrap(fields, width() - 19), *textwrap.wrap(f"e.g. {example}", width() - 19)]
    if issubclass(kind, Gate):
        lines += textwrap.wrap(f"meant for {meant_for()}", width() - 19)
    return textwrap.indent("\n".join(lines), " " * 19)


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(part) for part in value) + "]"
    return str(value)


def _plain(kind: type[Any]) -> dict[str, Any]:
    return {"sentence": sentence(kind), "fields": _fields(kind), "example": getattr(kind, "example", {})}
