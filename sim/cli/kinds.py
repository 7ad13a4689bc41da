"""``rollrisk kinds``: what exists, one line each, from the docstrings."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

import click

from sim.cli.console import say, say_json, width
from sim.errors import UsageError


@click.command("kinds")
@click.argument("family", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document: family, word, sentence, fields, example.")
def command(family: str | None, as_json: bool) -> None:
    """What a scenario can name: strategies, gates, failures, laws and the rest.

    With a FAMILY, its kinds with their fields and an example.

    \b
    Examples:
      rollrisk kinds
      rollrisk kinds strategies
    """
    from sim.doors import FAMILIES, kinds

    if family is not None and family not in FAMILIES:
        raise UsageError(f"there is no family {family!r}; there are: {', '.join(FAMILIES)}")
    families = (family,) if family else FAMILIES
    if as_json:
        say_json({name: {word: _plain(kind) for word, kind in kinds(name).items()} for name in families})
        return
    for name in families:
        say(name)
        for word, kind in kinds(name).items():
            say(textwrap.fill(sentence(kind), width(), initial_indent=f"  {word:<16} ", subsequent_indent=" " * 19))
            if family:
                say(_details(kind))
        say("")


def sentence(kind: type[Any]) -> str:
    """The first line of a kind's docstring."""
    return (inspect.getdoc(kind) or "").split("\n", 1)[0]


def _fields(kind: type[Any]) -> dict[str, str]:
    """Each field with its default as written, or "required"."""
    return {
        name: "required" if field.is_required() else f"{field.get_default(call_default_factory=True)}"
        for name, field in kind.model_fields.items()
        if name != "kind"
    }


def _details(kind: type[Any]) -> str:
    fields = ", ".join(f"{name}: {value}" for name, value in _fields(kind).items()) or "no fields"
    example = _flow(getattr(kind, "example", {}))
    lines = [*textwrap.wrap(fields, width() - 19), *textwrap.wrap(f"e.g. {example}", width() - 19)]
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
