"""What the page on capacity reviews tells people to write is read, and reaches the review."""

from __future__ import annotations

import re
from pathlib import Path

from sim.scenario import load

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "capacity-review.md"
TEXTBOOK = PAGE.parents[2] / "scenarios" / "textbook.yaml"


def test_the_sections_of_the_page_fit_into_a_scenario(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    rest = [line for line in TEXTBOOK.read_text(encoding="utf-8").splitlines() if not line.startswith("nodes:")]
    file = tmp_path / "reviewed.yaml"
    file.write_text("\n".join([*rest, found[1]]), encoding="utf-8")
    scenario = load(file)
    assert scenario.nodes.zones == 2
    assert scenario.prices is not None
    assert (scenario.prices.pod_hour, scenario.prices.node_hour) == (0.04, 0.40)
    assert scenario.document["review"]["approvers"] == ["Grace"]
