"""The page as a whole: one address, one answer; words instead of tracebacks; nothing of an author's runs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import cli_files
import pytest
from asking import Client, client_of, served, small_folder

from sim.serve.app import Server

WEIGHT = "strategies.step-by-step.steps%5B0%5D.weight"


def test_the_address_is_made_whole_and_holds_only_what_was_moved(client: Client) -> None:
    found = client.get(f"/look/small?service.replicas=2&{WEIGHT}=40%25&strategy=&case=&index=0")
    assert found.status == 303
    assert re.fullmatch(
        r"/look/small\?of=[0-9a-f]{12}&releases=16&" + re.escape(f"{WEIGHT}=40%25"), found.headers["location"]
    )


def test_one_address_is_one_answer_byte_for_byte_on_another_server(client: Client, tmp_path: Path) -> None:
    address = f"/look/small?releases=4&{WEIGHT}=40%25&release.change_failure_rate=10%25"
    other = served(small_folder(tmp_path / "scenarios"), results=tmp_path / "results")
    try:
        assert client_of(other).follow(address).body == client.follow(address).body
    finally:
        other.close()


def test_a_look_says_how_few_releases_it_rests_on_and_that_it_decides_nothing(client: Client) -> None:
    page = client.follow("/look/small?releases=4").text
    assert "Quick look, not a decision:" in page
    assert "4 releases per case, 20 replications in all" in page  # 2 strategies, good and bad, and the twin


def test_a_moved_knob_shows_what_it_was_and_how_to_undo_it(client: Client) -> None:
    page = client.follow("/look/small?releases=2&service.replicas=3").text
    assert "as written 2" in page
    assert "undo</a>" in page
    assert "Put service.replicas back to 2" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("service.replicas=0", "1 or more"),
        ("service.replicas=many", "as a whole number"),
        (f"{WEIGHT}=130%25", "is not between 0 % and 100 %"),
        ("strategies.step-by-step.steps%5B0%5D.hold=10", "as a duration"),
        ("service.replicas=1000000", "1 to 50,000"),
        ("service.nothing=3", "is no knob of small service"),
        ("releases=3", "write one of 2, 4, 8"),
        ("strategy=blue", "this scenario has: at-once, step-by-step"),
        ("index=-1", "a whole number from 0"),
        ("traffic.streams.web.peak=900000/s", "quick look at this would play"),
        ("service.replicas=%00", "plain signs"),
        ("service.replicas=" + "9" * 200, "at most 60 plain signs"),
    ],
)
def test_a_bad_value_is_told_on_the_page(client: Client, query: str, words: str) -> None:
    found = client.follow(f"/look/small?{query}")
    assert found.status == 422
    assert words in found.text
    assert "Traceback" not in found.text


def test_all_that_is_wrong_is_told_at_once_and_at_its_knob(client: Client) -> None:
    page = client.follow(f"/look/small?service.replicas=0&{WEIGHT}=130%25").text
    assert page.count('aria-invalid="true"') == 2


def test_a_file_that_changed_since_the_address_was_made_is_told(client: Client) -> None:
    assert "not what it was when this address was made" in client.follow("/look/small?of=0123456789ab&releases=2").text


def test_text_of_a_scenario_never_becomes_markup(tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>"
    text = cli_files.SMALL.replace("name: small service", f"name: '{nasty}'").replace("step-by-step", "'<b>x</b>'")
    (small_folder(tmp_path) / "small.yaml").write_text(text)
    server = served(tmp_path, results=tmp_path / "results")
    try:
        page = client_of(server).follow(f"/look/small?releases=2&service.queue={quote('<i>9')}").text
        page += client_of(server).follow("/look/small?releases=2&service.queue=9").text
    finally:
        server.close()
    assert nasty not in page
    assert "<b>x" not in page
    assert "<i>9" not in page


def test_a_file_that_cannot_be_read_says_why_as_check_does(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(cli_files.BROKEN)
    server = served(tmp_path, results=tmp_path / "results")
    try:
        found = client_of(server).get("/look/broken")
    finally:
        server.close()
    assert found.status == 422
    assert "must be 1 or more" in found.text


def test_every_field_has_a_label_and_every_button_a_name(client: Client) -> None:
    page = client.follow("/look/small?releases=2").text
    fields = re.findall(r'<(?:input|select) (?:type="checkbox" )?id="([^"]+)"', page)
    assert fields
    assert set(fields) <= set(re.findall(r'<label for="([^"]+)"', page))
    assert all("aria-label" in button for button in re.findall(r'<button class="(?:less|more)"[^>]*>', page))


def test_a_plain_form_presses_the_first_button_when_enter_is_pressed_and_it_moves_nothing(client: Client) -> None:
    page = client.follow("/look/small?releases=2").text
    form = page[page.index('<form id="knobs"') :]
    assert re.search(r"<button[^>]*>", form)[0] == '<button type="submit" class="main">'  # type: ignore[index]


def test_a_button_behind_its_field_wins_over_it_without_a_script(client: Client) -> None:
    found = client.get("/look/small?service.replicas=2&service.replicas=3")
    assert found.headers["location"].endswith("service.replicas=3")


def test_one_scenario_alone_is_opened_at_once(client: Client) -> None:
    assert client.get("/").headers["location"] == "/look/small"


def test_the_server_remembers_an_answer(server: Server, client: Client) -> None:
    client.follow("/look/small?releases=4&service.queue=15")
    played = server.player.played
    client.follow("/look/small?releases=4&service.queue=15")
    assert server.player.played == played
