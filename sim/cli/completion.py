"""``rollrisk completion``: the lines that make a shell complete verbs, options and files."""

from __future__ import annotations

import click

from sim.cli.console import say


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print what your shell must read to complete rollrisk; put it where your shell reads at its start.

    \b
    Examples:
      rollrisk completion bash >> ~/.bashrc
      rollrisk completion zsh >> ~/.zshrc
      rollrisk completion fish > ~/.config/fish/completions/rollrisk.fish
    """
    from click.shell_completion import get_completion_class

    from sim.cli.main import rollrisk

    found = get_completion_class(shell)
    assert found is not None, "click knows these shells"
    say(source(found(rollrisk, {}, "rollrisk", "_ROLLRISK_COMPLETE")))


def source(made: object) -> str:
    """The shell's text, without asking whether that shell is on this machine."""
    template, values = made.source_template, made.source_vars()  # type: ignore[attr-defined]
    return str(template % values).strip()
