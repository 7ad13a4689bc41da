"""``python -m sim`` is ``rollrisk``."""

from sim.cli.main import main

if __name__ == "__main__":
    main()
