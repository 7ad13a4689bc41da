"""The option that names a request engine, for every verb that plays."""

from __future__ import annotations

import click

engine_option = click.option(
    "--engine",
    type=click.Choice(("compiled", "reference")),
    default="compiled",
    show_default=True,
    help="Request engine; both give the same bits.",
)
