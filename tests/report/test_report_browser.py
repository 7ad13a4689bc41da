"""The page in a real browser: opens from disk with a clean console, and its figures are those of the table on disk."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import cli_files
import pandas as pd
import pytest
from browser import BROWSER

from sim.notebook import run
from sim.report.story import bad_stories
from sim.report.write import write_report
from sim.scenario import from_text
from sim.study import frame
from sim.study.shelf import OURS

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
NASTY = "<script>document.title = 'owned'</script>"


def opened(page: Path, profile: Path) -> tuple[str, list[str]]:
    """The document after the browser has read it, and what it wrote to its console."""
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--enable-logging=stderr",
            "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real study under a name that would like to run, with its report."""
    text = cli_files.SMALL.replace("name: small service", f'name: "{NASTY}"')
    findings = run(from_text(text), results=tmp_path_factory.mktemp("results"), workers=1).findings
    place = Path(findings.folder)
    write_report(findings, frame(findings), list(bad_stories(findings)), place)
    return place


@pytest.fixture(scope="module")
def seen(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    return opened(folder / "report.html", tmp_path_factory.mktemp("profile"))


class _Table(HTMLParser):
    """The bold figures of the comparison, by row label."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self._inside, self._label = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "th" and given.get("scope") == "row":
            self._inside = "label"
        elif tag == "span":
            self._inside = "number" if given.get("class") == "number" else ""

    def handle_data(self, data: str) -> None:
        if self._inside == "label" and data.strip():
            self._label = data.strip()
            self.rows[self._label] = []
        elif self._inside == "number":
            self.rows[self._label].append(data.strip())
        self._inside = ""


def test_the_page_opens_from_disk_with_a_clean_console(seen: tuple[str, list[str]]) -> None:
    document, console = seen
    assert "The strategies side by side" in document
    assert console == []


def test_a_page_that_tries_to_run_something_would_be_noticed(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<title>x</title><script>console.log('hello')</script>")
    assert opened(page, tmp_path / "profile")[1] != []


def test_a_scenario_named_like_a_script_runs_nothing(seen: tuple[str, list[str]]) -> None:
    assert "<title>owned" not in seen[0]
    assert "&lt;script&gt;document.title" in seen[0]


def test_the_figures_on_the_page_are_those_of_the_table_on_disk(seen: tuple[str, list[str]], folder: Path) -> None:
    reader = _Table()
    reader.feed(seen[0])
    shown = reader.rows["failed requests, if bad"]
    gross = pd.read_parquet(folder / "replications.parquet")
    twin = gross[gross["strategy"] == "(no release)"].set_index("index")["failed_requests"]
    for place, strategy in enumerate(("at-once", "step-by-step")):
        bad = gross[(gross["strategy"] == strategy) & (gross["case"] == "errors")].set_index("index")["failed_requests"]
        digits = len(shown[place].partition(".")[2])
        coarse = 10.0**-digits if digits else 10.0 ** _zeros(shown[place])
        assert float(shown[place].replace(",", "")) == pytest.approx((bad - twin).mean(), abs=coarse / 2 + 1e-9)


def _zeros(text: str) -> int:
    """How many figures of a whole number may have been rounded away."""
    found = re.search(r"0*$", text.replace(",", ""))
    return len(found.group()) if found else 0


def test_the_pictures_of_the_summary_lie_beside_it_and_stand_alone(folder: Path) -> None:
    named = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (folder / "report.md").read_text(encoding="utf-8"))
    assert "report-tail.svg" in named
    for name in named:
        picture = (folder / name).read_text(encoding="utf-8")
        assert picture.startswith("<svg ")
        assert "var(--" not in picture
        assert "<script" not in picture


def test_everything_a_report_writes_is_removed_with_its_study(folder: Path) -> None:
    left = {path.name for path in folder.iterdir() if path.is_file()}
    assert left <= {*OURS, *(path.name for path in folder.glob("*.parquet"))}


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_but_tables_and_pictures_is_wider_than_the_screen(folder: Path, tmp_path: Path, width: int) -> None:
    """A script of the test's own measures; the page's policy is lifted in a copy, for it would forbid it."""
    text = (folder / "report.html").read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    wide = "'wide by ' + (document.documentElement.scrollWidth - innerWidth)"
    frame_ = tmp_path / "frame.html"
    inner = tmp_path / "copy.html"
    inner.write_text(text.replace("</body>", f"<script>parent.postMessage({wide}, '*')</script></body>"))
    frame_.write_text(
        f"<p id='said'></p><script>onmessage = (event) => said.textContent = event.data</script>"
        f"<iframe src='{inner.as_uri()}' width='{width}' height='900' style='border:0'></iframe>"
    )
    document, _ = opened(frame_, tmp_path / "profile")
    said = re.search(r"wide by (-?\d+)", document)
    assert said is not None
    assert int(said.group(1)) <= 0
