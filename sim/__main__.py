"""``python -m sim`` is ``rollrisk``."""

import sys

from sim.cli.signals import HUNG_UP, INTERRUPTED, TOLD, HangUp, leave, listen, open_streams


def main() -> None:
    """Entry point of the command: hears signals before anything is loaded, which takes a moment."""
    listen()
    open_streams()
    try:
        from sim.cli.main import main as command

        command()
    except HangUp:
        leave(HUNG_UP)
    except KeyboardInterrupt:
        sys.stderr.write(f"{TOLD}\n")
        leave(INTERRUPTED)


if __name__ == "__main__":
    main()
