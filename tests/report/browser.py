"""A real Chromium for the tests of pages, where this machine has one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

PATIENCE = 600_000
"""Milliseconds: only a browser that hangs is given up."""


@contextmanager
def launched() -> Iterator[Any]:
    """It runs without a window; the test is skipped where it, or what steers it, is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here")
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        yield (opened := started.chromium.launch(executable_path=BROWSER, timeout=PATIENCE, args=["--no-sandbox"]))
        opened.close()
