"""``rollrisk serve``: the what-if page, on this machine only unless told otherwise."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli.console import log, say
from sim.errors import UsageError


@click.command("serve")
@click.argument("paths", nargs=-1, metavar="[FILE|FOLDER]…", type=click.Path(path_type=Path))
@click.option(
    "--results", default="results", show_default=True, type=click.Path(path_type=Path), help="Where to write."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option(
    "--expose", is_flag=True, help="Allow an address that other machines reach. Nobody is asked who they are."
)
@click.option("--name", "names", multiple=True, metavar="NAME", help="A host name to answer to as well, when exposed.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes to play with.  [default: one per core]")
@click.option("--open/--no-open", "opens", default=False, show_default=True, help="Open it in the browser.")
def command(
    paths: tuple[Path, ...],
    results: Path,
    host: str,
    port: int,
    expose: bool,
    names: tuple[str, ...],
    workers: int | None,
    opens: bool,
) -> int:
    """Serve a page on which a group moves the knobs of a scenario and sees what changes within seconds.

    Without FILE or FOLDER it shows the scenarios in ./scenarios, or else in this folder. The address of the page holds
    all of its state. It reads nothing but these scenarios and the reports in RESULTS, and writes only there.

    \b
    Examples:
      rollrisk serve scenarios
      rollrisk serve scenarios/checkout-evening-peak.yaml --open
      rollrisk serve scenarios --host 0.0.0.0 --expose
    """
    from sim.serve import running
    from sim.study.machine import cores

    if not running.is_loopback(host) and not expose:
        raise UsageError(
            f"--host {host} can be reached from other machines, and the page asks nobody who they are; "
            "add --expose if you mean it"
        )
    places = paths or ((Path("scenarios"),) if Path("scenarios").is_dir() else (Path(),))
    made = running.server(places, results, workers or cores())
    listening = running.bound(host, port)
    address = running.url_of(listening)
    if not running.is_loopback(host):
        log(
            "warning: everybody who reaches this machine can now play and send studies, and read the reports in RESULTS"
        )

    def begun() -> None:
        say(f"What if?  {address}   (Ctrl-C ends it)")
        sys.stdout.flush()
        if opens:
            import webbrowser

            webbrowser.open(address)

    try:
        running.run(
            made,
            listening,
            names=frozenset(name.lower() for name in names),
            exposed=not running.is_loopback(host),
            begun=begun,
        )
    except KeyboardInterrupt:
        log("ended; what was played is kept")
    return 0
