"""``python -m sim`` is ``rollrisk``."""

import os
import sys

try:
    from sim.cli.signals import HUNG_UP, INTERRUPTED, TOLD, HangUp, leave, listen, open_streams
except KeyboardInterrupt:  # nobody listens yet; earlier still, Python itself is starting and tells it in its own way
    os.write(2, b"interrupted: nothing had begun\n")
    os._exit(130)


def main() -> None:
    """Entry point of the command: hears signals before anything is loaded, which takes a moment."""
    try:
        listen()
        open_streams()
        from sim.cli.main import main as command

        command()
    except HangUp:
        leave(HUNG_UP)
    except KeyboardInterrupt:
        sys.stderr.write(f"{TOLD}\n")
        leave(INTERRUPTED)


if __name__ == "__main__":
    main()
