"""From a promising look to a full study: in the results folder and nowhere else, once, and kept when stopped."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import cli_files
import pytest
from asking import Client, client_of, served, small_folder

from sim.scenario import identity, load
from sim.serve.app import Server
from sim.study import read
from sim.study.folders import folder_of, read_manifest

WEIGHT = "strategies.step-by-step.steps%5B0%5D.weight=40%25"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sending")


@pytest.fixture(scope="module")
def sender(place: Path) -> Iterator[Server]:
    made = served(small_folder(place / "scenarios"), results=place / "results")
    yield made
    made.close()


def ended(server: Server, folder: str, patience: float = 1200.0) -> str:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        sent = server.studies.get(folder)
        assert sent is not None
        if sent.state not in ("waiting", "playing"):
            return sent.state
        time.sleep(0.1)
    return "never"


@pytest.fixture(scope="module")
def folder(sender: Server) -> str:
    """A study that was sent and has ended."""
    found = client_of(sender).post("/studies", f"name=small&query=releases%3D2%26{WEIGHT.replace('%', '%25')}")
    assert found.status == 303, found.text
    name = found.headers["location"].removeprefix("/studies/")
    assert ended(sender, name) == "done"
    return name


def test_what_is_sent_is_played_with_what_was_moved(place: Path, folder: str) -> None:
    findings = read(place / "results" / folder)
    assert findings.scenario.name == "small service, what if strategies.step-by-step.steps[0].weight 40%"
    assert findings.scenario.document["strategies"]["step-by-step"]["steps"][0]["weight"] == "40%"


def test_what_was_sent_lies_there_as_a_scenario_of_its_own(place: Path, folder: str) -> None:
    text = (place / "results" / folder / "scenario.yaml").read_text()
    assert "extends" not in text
    assert load(place / "results" / folder / "scenario.yaml").name.startswith("small service, what if")


def test_what_the_author_left_open_is_still_called_assumed(place: Path, folder: str) -> None:
    own = {each.path for each in load(place / "scenarios" / "small.yaml").defaults}
    assert {each.path for each in read(place / "results" / folder).scenario.defaults} == own


def test_the_folder_of_the_scenarios_is_left_as_it_was(place: Path, folder: str) -> None:
    assert [each.name for each in (place / "scenarios").iterdir()] == ["small.yaml"]
    assert (place / "scenarios" / "small.yaml").read_text() == cli_files.SMALL


def test_its_page_leads_to_the_report(sender: Server, folder: str) -> None:
    page = client_of(sender).get(f"/studies/{folder}")
    assert "Done." in page.text
    assert f'href="/studies/{folder}/report.html"' in page.text
    assert 'http-equiv="refresh"' not in page.text


def test_the_report_is_shown_in_a_box_of_its_own(sender: Server, folder: str, place: Path) -> None:
    found = client_of(sender).get(f"/studies/{folder}/report.html")
    assert found.body == (place / "results" / folder / "report.html").read_bytes()
    assert found.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in found.headers["content-security-policy"]


def test_a_report_with_a_flipped_bit_is_told_and_not_shown(sender: Server, folder: str, place: Path) -> None:
    file = place / "results" / folder / "report.html"
    sound = file.read_bytes()
    file.write_bytes(bytes([sound[0] ^ 1]) + sound[1:])
    found = client_of(sender).get(f"/studies/{folder}/report.html")
    file.write_bytes(sound)
    assert found.status == 422
    assert f"rollrisk report {folder} writes it anew" in found.text
    assert client_of(sender).get(f"/studies/{folder}/report.html").status == 200


@pytest.mark.parametrize("name", ["manifest.json", "scenario.yaml", "replications.parquet", ".lock", "report.html%00"])
def test_nothing_but_the_report_is_shown(sender: Server, folder: str, name: str) -> None:
    assert client_of(sender).get(f"/studies/{folder}/{name}").status == 404


def test_a_report_that_is_a_link_is_not_shown(sender: Server, folder: str, place: Path) -> None:
    planted = place / "results" / "planted"
    planted.mkdir()
    (planted / "manifest.json").write_text("{}")
    (planted / "report.html").symlink_to("/etc/passwd")
    half = place / "results" / "half-planted"
    half.mkdir()
    (half / "manifest.json").write_text("{}")
    (half / "report.html").write_text("mine")
    (half / "report.md").symlink_to("/etc/passwd")
    (place / "results" / "linked").symlink_to(place / "results" / folder)
    client = client_of(sender)
    assert client.get("/studies/planted/report.html").status == 404
    assert client.get("/studies/linked/report.html").status == 404
    assert client.get("/studies/half-planted/report.html").body == b"mine"
    assert client.get("/studies/half-planted/report.md").status == 404


def test_all_reports_of_the_results_folder_are_listed(sender: Server, folder: str) -> None:
    page = client_of(sender).get("/studies").text
    assert page.count(f"/studies/{folder}/report.html") == 1


def test_a_folder_that_is_a_link_is_never_written_into(tmp_path: Path) -> None:
    elsewhere, results = tmp_path / "elsewhere", tmp_path / "results"
    elsewhere.mkdir()
    results.mkdir()
    scenario = load(small_folder(tmp_path / "scenarios") / "small.yaml")
    folder_of(results, scenario.name, identity(scenario)).symlink_to(elsewhere)
    server = served(tmp_path / "scenarios", results=results)
    found = client_of(server).post("/studies", "name=small&query=")
    server.close()
    assert found.status == 422
    assert "is a link" in found.text
    assert list(elsewhere.iterdir()) == []


def test_bad_values_are_not_sent(sender: Server, place: Path) -> None:
    (place / "results").mkdir(exist_ok=True)
    before = sorted((place / "results").iterdir())
    client: Client = client_of(sender)
    assert client.post("/studies", "name=small&query=service.replicas%3D0").status == 422
    assert client.post("/studies", "name=..%2Fsmall&query=").status == 404
    assert client.post("/studies", "").status == 404
    assert sorted((place / "results").iterdir()) == before


def test_one_that_is_stopped_keeps_what_was_played(place: Path) -> None:
    folder = small_folder(place / "long")
    (folder / "small.yaml").write_text(cli_files.SMALL.replace("pilot: 3, cap: 4", "pilot: 5000, cap: 6000"))
    server = served(folder, results=place / "long-results")
    try:
        client = client_of(server)
        first = client.post("/studies", "name=small&query=").headers["location"]
        assert client.post("/studies", "name=small&query=").headers["location"] == first  # not twice
        name = first.removeprefix("/studies/")
        until = time.monotonic() + 1200
        while time.monotonic() < until and not re.search(r"Playing: [1-9][0-9]* of", client.get(first).text):
            time.sleep(0.2)
        assert client.post(f"{first}/stop", "").status == 303
        assert ended(server, name) == "stopped"
        assert "what was played is kept" in client.get(first).text
    finally:
        server.close()
    assert sum(each["rows"] for each in read_manifest(place / "long-results" / name)["rows"]) > 0


def test_the_end_of_the_server_ends_its_study(place: Path) -> None:
    folder = small_folder(place / "left")
    (folder / "small.yaml").write_text(cli_files.SMALL.replace("pilot: 3, cap: 4", "pilot: 5000, cap: 6000"))
    server = served(folder, results=place / "left-results")
    client_of(server).post("/studies", "name=small&query=")
    sent = server.studies.all()[0]
    assert sent.process is not None
    server.close()
    assert not sent.process.is_alive()
