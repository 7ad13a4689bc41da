"""The two versions of a release, and the end of time. Needs nothing, so that everything may need it."""

from __future__ import annotations

NEVER = 2**62
"""A time after every horizon, in ns."""

STABLE, NEW, NO_VERSION = 0, 1, 2
"""The version that runs today, the one being released, and none (no version could be chosen)."""

VERSIONS = 2
"""How many versions serve."""
