"""Which stream of the scenario a request or a series belongs to. What it is told by stays with the reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sim.errors import UsageError, shown


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of a scenario, and the patterns by which their requests are known where somebody gave any."""

    names: tuple[str, ...]
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def told(cls, names: Sequence[str], options: Sequence[str]) -> Streams:
        """With ``--stream NAME=PATTERN`` as typed; raises UsageError.

        >>> Streams.told(["pay", "browse"], ["pay=/api/pay*"]).of(["/api/pay/now"])
        'pay'
        """
        patterns: dict[str, tuple[str, ...]] = {}
        for option in options:
            name, sign, pattern = option.partition("=")
            if not sign or not pattern:
                raise UsageError(f"--stream {shown(option)!r}: write NAME=PATTERN, as pay='/api/pay*'")
            if name not in names:
                raise UsageError(f"--stream {shown(option)!r}: no stream {shown(name)!r}; it has {', '.join(names)}")
            patterns[name] = (*patterns.get(name, ()), pattern)
        return cls(tuple(names), patterns)

    def of(self, marks: Sequence[str]) -> str | None:
        """The stream of what has these marks (a path without its query, a label's value, a name); None for no one's.

        Without patterns all belongs to the one stream there is; of several, to the one that a mark is called by.

        >>> Streams(("web",)).of(["/anything"]), Streams(("pay", "browse")).of(["/pay/17"])
        ('web', 'pay')
        """
        if self.patterns:
            for name, patterns in self.patterns.items():
                if any(fnmatchcase(mark, pattern) for mark in marks for pattern in patterns):
                    return name
            return None
        if len(self.names) == 1:
            return self.names[0]
        for mark in marks:
            words = [word.lower() for word in re.split(r"[/:?.]", mark) if word]
            found = [name for name in self.names if name.lower() in words]
            if len(found) == 1:
                return found[0]
        return None


def advice(streams: Streams) -> str:
    """What to write where requests belong to no stream."""
    example = streams.names[0] if streams.names else "web"
    return (
        f"say which are whose, as --stream {example}='/{example}/*' (a path, a label's value or a name; * is any text)"
    )
