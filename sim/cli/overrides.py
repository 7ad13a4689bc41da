"""Options of the command line that change a scenario's study: as if the file had said so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario


def study_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--precision``, ``--until-best``, ``--cap`` and ``--seed`` to a command."""
    options = (
        click.option("--precision", help="Relative half-width asked for, as 5%; instead of the file's."),
        click.option(
            "--until-best",
            is_flag=True,
            default=None,
            help="Go on until the best strategy is known, not its precise loss.",
        ),
        click.option("--cap", type=click.IntRange(min=2), help="Most replications per case; instead of the file's."),
        click.option("--seed", type=click.IntRange(min=0), help="Other luck; instead of the file's."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def overridden(scenario: Scenario, **options: Any) -> Scenario:
    """The scenario with the options that were given in place of what its file says."""
    from sim.scenario.override import with_study

    return with_study(scenario, **{name: value for name, value in options.items() if value is not None})
