"""The command ``rollrisk``: finds the verb, and turns every way to end into an exit status, here and nowhere else."""

from __future__ import annotations

import difflib
import importlib
import keyword
import os
import signal
import sys
import warnings
from collections.abc import Sequence

import click

from sim.cli import status
from sim.cli.console import log
from sim.cli.status import Status
from sim.errors import InputError, said_plainly

VERBS = {
    "init": "Write a first scenario, from nine questions.",
    "review": "Find what cannot work in your manifests, in seconds.",
    "import": "Write scenarios from the manifests you have.",
    "check": "Find every mistake in a scenario, or say what the fleet carries.",
    "plan": "Say what a run would do, and all that was assumed.",
    "run": "Play releases and say which strategy to use; writes the report.",
    "report": "Write a study's report anew.",
    "results": "List, show, compare and remove studies.",
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the command; always ends the process with a :class:`Status`.

    SIGTERM, by which schedulers of jobs say that time is up, ends it as Ctrl-C does.
    """
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    warnings.formatwarning = said_plainly
    sys.exit(ended(arguments))


def ended(arguments: Sequence[str] | None = None) -> int:
    """Run the command and say how it ended."""
    try:
        given = None if arguments is None else list(arguments)
        result = rollrisk.main(args=given, prog_name="rollrisk", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show(sys.stderr)
        return Status.BAD_INPUT
    except InputError as error:
        log(str(error))
        return Status.BAD_INPUT
    except (KeyboardInterrupt, click.Abort) as error:
        return _interrupted(error)
    except BrokenPipeError:
        _silence_stdout()
        return Status.DONE
    except Exception as error:
        _unexpected(error)
        return Status.UNEXPECTED
    return int(result) if isinstance(result, int) else Status.DONE


def _interrupted(error: BaseException) -> int:
    """A person, or a scheduler, ended it. click also takes every end of a file for that, wherever it is read."""
    if isinstance(error.__cause__, EOFError):
        _unexpected(error.__cause__)
        return Status.UNEXPECTED
    log("interrupted: what was done is kept; the same command goes on from there")
    return Status.INTERRUPTED


def _unexpected(error: Exception) -> None:
    """A fault of ours: the one case in which a traceback helps, because we need it to mend it."""
    import traceback

    log("".join(traceback.format_exception(error)).rstrip())
    log(f"unexpected error: {error}\nThis is a fault of rollrisk. Please report it with the lines above.")


def _silence_stdout() -> None:
    """A reader who has seen enough (``| head``) is no error worth a message at the interpreter's end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
