"""Every query of the page on SQL runs on a real study, and says what rollrisk says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sim.scenario import load
from sim.study import frame, run
from sim.study.extras import Wanted
from sim.study.findings import Findings

duckdb = pytest.importorskip("duckdb")
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "results.sql.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    scenario = load(ROOT / "scenarios" / "textbook.yaml")
    short = replace(scenario, study=replace(scenario.study, pilot=6, cap=6))
    results = tmp_path_factory.mktemp("sql") / "results"
    other = load(ROOT / "scenarios" / "tiny-service.yaml")  # has other streams, so other columns
    run(replace(other, study=replace(other.study, pilot=2, cap=2)), results=results, workers=1)
    return run(short, results=results, workers=1, wanted=Wanted(series=True, sample=0.01))


def asked(query: str, findings: Findings) -> list[tuple[object, ...]]:
    results = Path(findings.folder).parent
    with duckdb.connect() as connection:
        rows: list[tuple[object, ...]] = connection.sql(query.replace("'results/", f"'{results}/")).fetchall()
    return rows


def test_the_page_has_ten_queries_three_of_other_tables_and_one_for_the_marks() -> None:
    assert len(QUERIES) == 14
    assert len(re.findall(r"^## \d+\.", PAGE, flags=re.MULTILINE)) == 10


@pytest.mark.parametrize("place", range(len(QUERIES)))
def test_every_query_finds_something(place: int, findings: Findings) -> None:
    assert asked(QUERIES[place], findings)


def test_the_net_figures_of_the_page_are_those_of_rollrisk(findings: Findings) -> None:
    rows = {(strategy, case): failed for strategy, case, failed, _ in asked(QUERIES[1], findings)}
    means = frame(findings).groupby(["strategy", "case"])["failed_requests"].mean().to_dict()
    assert rows == pytest.approx(means)
