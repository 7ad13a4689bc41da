"""The command ``rollrisk``: finds the verb, and turns every way to end into an exit status, here and nowhere else."""

from __future__ import annotations

import difflib
import errno
import importlib
import keyword
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

import click

from sim.cli import signals, status
from sim.cli.console import flush_stdout, log, lost, silence_stdout
from sim.cli.status import Status
from sim.errors import InputError, said_plainly

VERBS = {
    "init": "Write a first scenario, from nine questions.",
    "review": "Find what cannot work in your manifests, in seconds.",
    "import": "Write scenarios from the manifests you have.",
    "prior": "Show how often releases are bad: published, and yours.",
    "calibrate": "Put what your data say into a scenario.",
    "check": "Find every mistake in a scenario, or say what the fleet carries.",
    "plan": "Say what a run would do, and all that was assumed.",
    "run": "Play releases and say which strategy to use; writes the report.",
    "report": "Write a study's report anew.",
    "results": "List, show, compare, verify and remove studies.",
    "trace": "Tell one release event by event.",
    "watch": "Replay one release in the terminal.",
    "capacity": "Find the smallest fleet that keeps the promise; a page to sign.",
    "power": "Put a scenario's gates on trial: what do they miss?",
    "sweep": "Say which inputs matter, and whether they change the verdict.",
    "serve": "Move a scenario's knobs on a local page and see what changes.",
    "kinds": "Show what a scenario can name, with examples.",
    "completion": "Print what your shell reads to complete rollrisk.",
    "schema": "Print the JSON Schema of scenarios, for editors.",
    "doctor": "Check this machine, and the engine against queueing theory.",
}
"""Each verb and what it is for, in the order of use; said without loading any of them."""
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a full or broken disk says, wherever it is met."""
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Verbs(click.Group):
    """Loads the file of a verb when it is asked for, so that each verb starts with only what it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of use."""
        return list(VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line for each verb."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command in ``sim/cli/<verb>.py``; of a verb that is a word of Python, with a ``_`` behind it."""
        if cmd_name not in VERBS:
            return None
        module = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = importlib.import_module(f"sim.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest verb for a mistyped one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], VERBS, n=1, cutoff=0.5)
            if near and args[0] not in VERBS and not args[0].startswith("-"):
                raise click.UsageError(f"No such command {args[0]!r}. Did you mean {near[0]!r}?", ctx) from error
            raise

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The first steps and the exit statuses."""
        with formatter.section("First steps"):
            formatter.write_dl(
                [
                    ("rollrisk run scenarios/textbook.yaml", "an answer within a minute"),
                    ("rollrisk init my.yaml", "your own service"),
                    ("rollrisk run --help", "all that a verb can do"),
                ],
                col_max=40,
            )
        with formatter.section("Exit status"):
            formatter.write_dl([(str(code.value), meaning) for code, meaning in status.MEANINGS.items()])


@click.group(cls=Verbs, context_settings=CONTEXT)
@click.version_option(package_name="rollrisk", message="rollrisk %(version)s")
def rollrisk() -> None:
    """What would this release cost under each strategy?

    Plays thousands of releases of your service, good and bad, by blue/green, canary and the others, on the same traffic
    and the same bad luck, and says which strategy to choose and how sure that is.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and end the process with a :class:`Status`, whatever else is under way.

    SIGTERM, by which schedulers of jobs say that time is up, ends it as Ctrl-C does (:mod:`sim.cli.signals`).
    """
    signals.listen()
    warnings.formatwarning = said_plainly
    signals.leave(ended(arguments))


def ended(arguments: Sequence[str] | None = None) -> int:
    """Run the command and say how it ended."""
    try:
        given = None if arguments is None else list(arguments)
        result = rollrisk.main(args=given, prog_name="rollrisk", standalone_mode=False)
        became = Status(result) if isinstance(result, int) else Status.DONE
    except (BrokenPipeError, SystemExit):  # click leaves so when nobody reads its help
        silence_stdout()
        became = Status.DONE
    except (KeyboardInterrupt, click.Abort) as error:
        became = _interrupted(error)
    except Exception as error:
        became = _failed(error)
    flush_stdout()
    if lost():
        log(f"the answer could not be written to standard output: {lost()}")
        return status.gravest([became, Status.BAD_INPUT])
    return became


def _failed(error: Exception) -> Status:
    if isinstance(error, click.ClickException):
        error.show(sys.stderr)
    elif isinstance(error, InputError):
        log(str(error))
    elif isinstance(error, OSError) and error.errno in DISK:
        log(f"cannot write: {error.strerror}")
    else:
        return _unexpected(error)
    return Status.BAD_INPUT


def _interrupted(error: BaseException) -> Status:
    """A person, or a scheduler, ended it. click also takes every end of a file for that, wherever it is read."""
    if isinstance(error.__cause__, EOFError):
        return _unexpected(error.__cause__)
    if isinstance(error, signals.HangUp) or isinstance(error.__cause__, signals.HangUp):
        return Status.HUNG_UP
    log(signals.TOLD)
    return Status.INTERRUPTED


def _unexpected(error: Exception) -> Status:
    """A fault of ours: the one case in which a traceback helps, because we need it to mend it."""
    import traceback

    log("".join(traceback.format_exception(error)).rstrip())
    log(f"unexpected error: {error}\nThis is a fault of rollrisk. Please report it with the lines above.")
    return Status.UNEXPECTED
