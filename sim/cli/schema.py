"""``rollrisk schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import click

from sim.cli.console import say_json


@click.command("schema")
def command() -> None:
    """The JSON Schema of scenario files, for completion and checks in an editor.

    Put this first line into a scenario: # yaml-language-server: $schema=scenario.schema.json

    \b
    Examples:
      rollrisk schema > scenario.schema.json
    """
    from sim.scenario.schema import schema

    say_json(schema())
