"""Access logs of web servers and proxies: Common and Combined Log Format with the time a request took.

Sources: httpd.apache.org/docs/2.4/mod/mod_log_config.html (``%D`` microseconds, ``%T`` seconds), nginx.org's
``ngx_http_log_module`` (``$request_time``, seconds with milliseconds), ingress-nginx's and Traefik's default formats.
A line is written when its request has ended. Addresses, users, agents and queries are never kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from sim.exchange.measured.asked import UNITS, Asked
from sim.exchange.measured.data import Measured
from sim.exchange.measured.endings import RULE, failed
from sim.exchange.measured.readers.gathering import Gathering
from sim.exchange.measured.streams import advice
from sim.named_files import UnreadableError
from sim.scenario.moments import read_moments

_LINE = re.compile(
    r"\S+ \S+ (?:.*? )?\[(?P<at>\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?)\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}|-) (?P<size>\S+)(?P<rest>.*)'
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAMED = re.compile(r"\b(?:rt|request_time|req_time|duration|took|time)[=:]\"?(\d+(?:\.\d+)?)(ms|us|s)?\b")
_WITH_UNIT = re.compile(r"(?<=\s)(\d+(?:\.\d+)?)(ms|us)(?=\s|$)")
_FRACTION = re.compile(r'(?<=[\s"])(\d+\.\d+)(?=[\s"]|$)')
_WHOLE = re.compile(r'(?<=[\s"])(\d+)(?=[\s"]|$)')
MOST_UNREAD = 0.05
"""Share of lines that may be something else before the file is taken for something else."""


def is_line(first: str) -> bool:
    """Whether a file's first line is one of an access log."""
    return _LINE.match(first) is not None


def read(file: str, lines: Iterable[tuple[int, str]], asked: Asked) -> Measured:
    """The requests of a log; raises UnreadableError where too many lines are none."""
    gathering, unread, number_read, first_unread = Gathering(asked.streams), 0, 0, 0
    said: set[str] = {RULE}
    untimed = 0
    for number, line in lines:
        found = _LINE.match(line)
        if not found:
            unread += bool(line.strip())
            first_unread = first_unread or number
            continue
        number_read += 1
        ended = _moment(found["at"])
        took, how = _took(found["rest"], asked)
        untimed += math.isnan(took)
        said.update([how] if how else [])
        began = ended if math.isnan(took) else ended - round(took)
        gathering.take((path_of(found["request"]),), began, took, failed=failed(found["status"]) or False)
    if unread > MOST_UNREAD * (unread + number_read):
        raise UnreadableError(
            f"line {first_unread}: is no line of an access log, as {unread:,} of {unread + number_read:,} are none; "
            "allowed: Common or Combined Log Format, or a JSON object per line"
        )
    lost = [f"{unread:,} lines are none of an access log, the first is line {first_unread}"] if unread else []
    lost += nobodys(gathering, asked)
    if untimed == number_read:
        lost.append(
            "the log does not say how long requests took; nginx writes it with $request_time at the end of log_format, "
            "Apache with %D at the end of LogFormat"
        )
    return Measured(
        file=file,
        form="an access log",
        series=gathering.series(),
        unplaced=gathering.nobodys,
        dated=True,
        said=tuple(sorted(said)),
        lost=tuple(lost),
    )


def nobodys(gathering: Gathering, asked: Asked) -> list[str]:
    """What is said of requests that belong to no stream."""
    if not gathering.nobodys:
        return []
    words = gathering.often()
    seen = f" (often their paths begin with {', '.join('/' + word for word in words)})" if words else ""
    return [f"{gathering.nobodys:,} requests{seen} belong to no stream of the scenario; {advice(asked.streams)}"]


@lru_cache(maxsize=4096)
def _moment(at: str) -> int:
    try:
        return read_moments([at]).times[0]
    except ValueError as error:
        raise UnreadableError(f"holds a time that cannot be read: {error}") from None


def path_of(request: str) -> str:
    """The path of a request's first line or URL, without its query.

    >>> path_of("GET /api/pay?card=4111 HTTP/1.1"), path_of("https://shop.example/cart#x")
    ('/api/pay', '/cart')
    """
    words = request.split(" ")
    target = words[1] if len(words) > 1 else words[0]
    target = re.sub(r"^[a-z][a-z0-9+.-]*://[^/?#]*", "", target)
    return re.split(r"[?#]", target, maxsplit=1)[0]


def _took(rest: str, asked: Asked) -> tuple[float, str]:
    """ns from what stands behind size, referer and agent, and how it was read; nan where nothing of it is a time."""
    unquoted = _QUOTED.sub(lambda found: found[0] if _is_figure(found[0]) else " ", rest)
    named = _NAMED.search(unquoted)
    if named:
        unit = asked.unit or named[2] or "s"
        return float(named[1]) * UNITS[unit], ""
    with_unit = _WITH_UNIT.search(unquoted)
    if with_unit:
        return float(with_unit[1]) * UNITS[with_unit[2]], ""
    fraction = _FRACTION.search(unquoted)
    if fraction:
        unit = asked.unit or "s"
        return float(fraction[1]) * UNITS[
            unit
        ], "" if asked.unit else "times with a point are taken for seconds, as nginx has them"
    whole = _WHOLE.search(unquoted)
    if whole:
        unit = asked.unit or "us"
        how = "whole numbers are taken for microseconds, as Apache's %D has them; else write --took-in ms"
        return float(whole[1]) * UNITS[unit], "" if asked.unit else how
    return math.nan, ""


def _is_figure(quoted: str) -> bool:
    return re.fullmatch(r'"\d+(\.\d+)?"', quoted) is not None
