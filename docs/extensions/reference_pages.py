"""Writes the reference pages from the models, kinds, measures and verbs themselves, before Sphinx reads the sources.

Nothing here is a list kept by hand: what the program reads is what the pages say.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from sim.cli import status
from sim.cli.main import VERBS, rollrisk
from sim.doors import FAMILIES, kinds
from sim.measures.catalogue import MEASURES
from sim.scenario.model.written import Written
from sim.scenario.text import write

TITLES = {
    "strategies": "Strategies",
    "gates": "Gates",
    "failures": "Failures",
    "laws": "Laws: how a quantity is distributed",
    "balancers": "Balancers",
    "retries": "Retries",
    "arrivals": "Arrivals",
    "autoscalers": "Autoscalers",
}
WIDTH = 100
"""Columns of the help texts."""


def setup(app: Any) -> dict[str, bool]:
    """Sphinx calls this; the pages are written when a build begins."""
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir) / "reference"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(folder: Path) -> None:
    """All reference pages as files of a folder; one that has not changed keeps its date."""
    folder.mkdir(exist_ok=True)
    made = pages()
    for name, text in made.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
    for file in set(folder.glob("*.md")) - {folder / name for name in made}:
        file.unlink()


def pages() -> dict[str, str]:
    """Every reference page: file name and text."""
    made = {"scenario.md": scenario_page(), "measures.md": measures_page(), "commands.md": commands_page()}
    return made | {f"{family}.md": family_page(family) for family in FAMILIES}


def scenario_page() -> str:
    """Every section of a scenario file with its fields."""
    lines = ["# The scenario file", ""]
    lines += [
        "Format 1, YAML. Any value may be a range, `{low: …, likely: …, high: …}`: a run plays the likely one.",
        "",
    ]
    lines += _fields_table(Written)
    for name, field in Written.model_fields.items():
        models = list(_models(field.annotation))
        if models:
            lines += ["", f"## {name}", ""]
        for model in models:
            lines += _model_section(name, model, level=3, told=set())
    return "\n".join(lines) + "\n"


def _model_section(path: str, model: type[BaseModel], *, level: int, told: set[type]) -> Iterator[str]:
    """A model's docstring and fields, then those of the models inside it."""
    if model in told:
        return
    told.add(model)
    yield from ["", f"{'#' * level} `{path}`", "", _paragraphs(model), ""]
    yield from _fields_table(model)
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            yield from _model_section(f"{path}.{name}", inner, level=min(level + 1, 4), told=told)


def family_page(family: str) -> str:
    """Every kind of a family: what it is, its fields, an example."""
    lines = [f"# {TITLES[family]}", ""]
    lines += [f"| `{word}` | {_cell(_sentence(kind))} |" for word, kind in kinds(family).items()]
    lines[2:2] = ["| kind | |", "|---|---|"]
    for word, kind in kinds(family).items():
        lines += ["", f"## `{word}`", "", _paragraphs(kind), "", *_fields_table(kind)]
        example = getattr(kind, "example", None)
        if example:
            lines += ["", "```yaml", write(example).rstrip(), "```"]
    return "\n".join(lines) + "\n"


def measures_page() -> str:
    """Every measure with its unit."""
    lines = ["# Measures", "", "What `decide_by`, `expect:` and the report can speak of. *Net* is minus the twin.", ""]
    lines += ["| measure | what it is | unit | net | better |", "|---|---|---|---|---|"]
    for name, measure in MEASURES.items():
        net, better = "net" if measure.net else "", "less" if measure.lower_is_better else "more"
        lines.append(f"| `{name}` | {_cell(measure.meaning)} | {measure.unit} | {net} | {better} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """The help of every verb, and the exit statuses."""
    lines = ["# Commands", "", "What `rollrisk VERB --help` says.", ""]
    for verb in VERBS:
        lines += [f"## {verb}", "", "```text", help_of(verb), "```", ""]
    lines += ["## Exit status", "", "| status | meaning |", "|---|---|"]
    lines += [f"| {code.value} | {_cell(meaning)} |" for code, meaning in status.MEANINGS.items()]
    return "\n".join(lines) + "\n"


def help_of(verb: str) -> str:
    """A verb's help as a terminal shows it."""
    group = click.Context(rollrisk, info_name="rollrisk", max_content_width=WIDTH, terminal_width=WIDTH)
    command = rollrisk.get_command(group, verb)
    assert command is not None, f"the verb {verb} has no command"
    names = ["-h", "--help"]
    with click.Context(command, parent=group, info_name=verb, terminal_width=WIDTH, help_option_names=names) as context:
        return command.get_help(context).rstrip()


def _fields_table(model: type[BaseModel]) -> list[str]:
    """Field, what may stand there, what stands there if nothing is written, and what it means."""
    forms = model.model_json_schema()
    definitions = forms.get("$defs", {})
    properties = (forms if "properties" in forms else forms.get("anyOf", [{}])[0]).get("properties", {})
    rows = []
    for name, field in model.model_fields.items():
        if name in ("kind", getattr(model, "inlined", None)):
            continue
        form = properties.get(name, {})
        cells = (f"`{name}`", in_words(form, definitions), _default(field, form), _meaning(field))
        rows.append("| " + " | ".join(map(_cell, cells)) + " |")
    return ["| field | write | if left out | |", "|---|---|---|---|", *rows] if rows else ["It has no fields."]


def _default(field: Any, form: Mapping[str, Any]) -> str:
    if field.is_required():
        return "**needed**"
    found = form.get("default", "")
    if isinstance(found, dict | list):
        return "" if not found else "as below" if "$ref" in form else f"`{_flow(found)}`"
    return {None: "none", "": ""}.get(found, f"`{str(found).lower() if isinstance(found, bool) else found}`")


def _meaning(field: Any) -> str:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    origin = f"default: {extra['origin']} (trust: {extra['trust']})" if "origin" in extra else ""
    return "; ".join(part for part in (field.description or "", origin) if part)


def in_words(form: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """A part of a JSON Schema as a person says it."""
    if "$ref" in form:
        return "a value or a [law](laws.md)" if "Law" in form["$ref"] else "a mapping, see below"
    if "anyOf" in form:
        words = [in_words(each, definitions) for each in form["anyOf"] if each.get("enum") != [0]]
        return " or ".join(dict.fromkeys(word for word in words if word and word != "nothing"))
    for key, between in (("enum", ", "), ("examples", " ")):
        if key in form:
            return between.join(f"`{each}`" for each in form[key])
    return f"`{form['const']}`" if "const" in form else _type_in_words(form, definitions) + _bounds(form)


def _type_in_words(form: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    kind = form.get("type", "")
    if kind == "object":
        named = isinstance(form.get("additionalProperties"), dict) and "$ref" in form["additionalProperties"]
        return "a mapping" + (" with `kind:`" if "kind" in form.get("properties", {}) else " by name" if named else "")
    if kind == "array":
        inner = in_words(form.get("items", {}), definitions)
        return "a list" + (f" of {inner}" if inner else "")
    words = {"integer": "a whole number", "number": "a number", "string": "text", "boolean": "`true` or `false`"}
    return words.get(kind, "nothing" if kind == "null" else "")


def _bounds(form: Mapping[str, Any]) -> str:
    words = {"minimum": "{} or more", "exclusiveMinimum": "more than {}", "maximum": "{} or less",
             "exclusiveMaximum": "less than {}"}  # fmt: skip
    found = [text.format(form[key]) for key, text in words.items() if key in form]
    return ", " + ", ".join(found) if found else ""


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models a field's annotation speaks of."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)


def _sentence(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n", 1)[0]


def _paragraphs(kind: type) -> str:
    """A docstring as Markdown: double backquotes become single ones."""
    return (inspect.getdoc(kind) or "").replace("``", "`").replace("|", "\\|")


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|").replace("\n", " ")


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return str(value)
