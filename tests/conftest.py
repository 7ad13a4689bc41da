"""How tests run here: on shared machines, and also where a script has sent them to the background."""

import signal
from collections.abc import Iterator
from typing import Any

import browser
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared-machine")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell lets what it runs in the background ignore Ctrl-C, and children inherit that; tests press it in theirs.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for the pages of one file: what steers it keeps an event loop, which other tests must not find."""
    with browser.launched() as found:
        yield found


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of reports are not drawn, which is half of a small study's time; ``tests/report`` draws them."""
    empty = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" role="img" aria-label="undrawn"></svg>'
    monkeypatch.setattr("sim.report.charts.as_plain_svg", lambda figure, words: empty)
