"""Nothing outside the folders is read or written, and nobody but the page itself may have anything done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cli_files
import pytest
from asking import HOST, Client, client_of, served, small_folder

from sim.errors import ScenarioError, UsageError
from sim.serve.library import Library

SECRET = "replicas: 77 # nobody must see this"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server on a folder beside which a secret lies."""
    place = tmp_path_factory.mktemp("guarded")
    (place / "secret.yaml").write_text(cli_files.SMALL.replace("replicas: 2", SECRET))
    (place / "results").mkdir()
    server = served(small_folder(place / "scenarios"), results=place / "results")
    yield client_of(server)
    server.close()


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example:8000", "", "a b", "[::1"],
)
def test_a_name_that_is_not_ours_is_refused(quiet: Client, host: str) -> None:
    assert quiet.get("/", host=host).status == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_our_own_names_are_answered(quiet: Client, host: str) -> None:
    assert quiet.get("/", host=host).status == 303


def test_exposed_it_answers_at_addresses_but_at_no_foreign_name(tmp_path: Path) -> None:
    server = served(small_folder(tmp_path), results=tmp_path / "results")
    exposed = client_of(server, exposed=True)
    assert exposed.get("/", host="10.1.2.3:8000").status == 303
    assert exposed.get("/", host="evil.example:8000").status == 421
    server.close()


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:8000", "http://127.0.0.1:9000", "http://localhost:8000", ""],
)
def test_only_the_page_itself_may_send_something(quiet: Client, origin: str) -> None:
    assert quiet.post("/studies", "name=small", origin=origin).status == 403


def test_a_post_without_an_origin_is_refused(quiet: Client) -> None:
    assert quiet.post("/studies", "name=small", origin=None).status == 403  # type: ignore[arg-type]


def test_only_a_small_form_is_read(quiet: Client) -> None:
    assert quiet.post("/studies", "x" * 20_000).status == 413
    assert quiet.post("/studies", "{}", content_type="application/json").status == 415
    assert quiet.post("/studies", "x" * 20_000, content_length="5").status in (404, 422)


@pytest.mark.parametrize("destination", ["image", "iframe", "script", "empty"])
def test_another_site_can_link_here_but_load_nothing(quiet: Client, destination: str) -> None:
    mode = "navigate" if destination == "iframe" else "no-cors"
    foreign = {"sec_fetch_site": "cross-site", "sec_fetch_mode": mode, "sec_fetch_dest": destination}
    assert quiet.get("/look/small", **foreign).status == 403
    linked = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert quiet.get("/", **linked).status == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_not_answered(quiet: Client, method: str) -> None:
    import asyncio

    assert asyncio.run(quiet.ask(method, "/", {})).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/look/../secret", "/look/..%2fsecret", "/look/%2e%2e/secret", "/look/..%252fsecret", "/look//etc/passwd",
        "/look/small%00", "/look/small%00.yaml", "/look/small.yaml", "/look/C:%5Csecret", "/look/..%5csecret",
        "/look/~root/.ssh/id_rsa", "/look/file:%2f%2f%2fetc%2fpasswd", "/static/../app.py", "/static/whatif.css%00",
        "/studies/..", "/studies/../report.html", "/studies/..%2f/report.html", "/studies/x%00/report.html",
        "/studies/%2e%2e/secret.yaml", "/studies/./report.html",
    ],
)  # fmt: skip
def test_no_address_leads_out_of_the_folders(quiet: Client, path: str) -> None:
    found = quiet.get(path)
    assert found.status == 404
    assert SECRET not in found.text


def test_an_address_without_end_is_refused(quiet: Client) -> None:
    assert quiet.get("/look/small?x=" + "y" * 10_000).status == 414
    assert quiet.get("/look/small?" + "&".join(f"k{n}=1" for n in range(400))).status == 422


def test_every_answer_forbids_frames_foreign_scripts_and_guessing(quiet: Client) -> None:
    for path in ("/", "/nothing", "/studies", "/static/whatif.js"):
        headers = quiet.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_a_refusal_bears_the_same_headers(quiet: Client) -> None:
    assert "content-security-policy" in quiet.get("/", host="evil.example").headers


@pytest.mark.parametrize("named", ["../secret.yaml", "/etc/passwd", "link.yaml", "\\0", "../" * 30 + "etc/passwd"])
def test_a_scenario_cannot_extend_what_lies_outside(tmp_path: Path, named: str) -> None:
    folder = small_folder(tmp_path / "scenarios")
    (tmp_path / "secret.yaml").write_text("service: {" + SECRET.split(" #", maxsplit=1)[0] + "}")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "mine.yaml").write_text(cli_files.SMALL + f'extends: "{named}"\n')
    with pytest.raises(ScenarioError) as refused:
        Library.of((folder,)).open("mine")
    assert "lies outside" in str(refused.value)
    assert "77" not in str(refused.value)


def test_what_is_extended_cannot_name_a_file_outside_either(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "scenarios")
    (tmp_path / "counts.csv").write_text("requests\n1\n2\n3\n")
    (folder / "base.yaml").write_text("traffic: {profile: {file: ../counts.csv, column: requests, every: 5m}}\n")
    text = cli_files.SMALL.replace("  profile: {0m: 100%}\n", "") + "extends: base.yaml\n"
    (folder / "mine.yaml").write_text(text)
    with pytest.raises(ScenarioError, match="lies outside"):
        Library.of((folder,)).open("mine")


def test_what_lies_inside_may_be_extended(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "scenarios")
    (folder / "shared").mkdir()
    (folder / "shared" / "base.yaml").write_text("service: {queue: 9}\n")
    (folder / "mine.yaml").write_text(cli_files.SMALL.replace("  queue: 20\n", "") + "extends: shared/base.yaml\n")
    scenario = Library.of((folder,)).open("mine")
    assert scenario is not None
    assert scenario.service.queue == 9


def test_links_that_lead_out_and_hidden_files_are_no_scenarios(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "scenarios")
    outside = small_folder(tmp_path / "outside")
    (folder / "link.yaml").symlink_to(outside / "small.yaml")
    (folder / "linked").symlink_to(outside)
    (folder / ".hidden.yaml").write_text(cli_files.SMALL)
    (folder / "kubernetes.yaml").write_text("kind: Deployment\n")
    assert list(Library.of((folder,)).files()) == ["small"]


def test_a_file_given_alone_opens_no_neighbour(tmp_path: Path) -> None:
    folder = small_folder(tmp_path)
    (folder / "other.yaml").write_text(cli_files.SMALL)
    library = Library.of((folder / "small.yaml",))
    assert list(library.files()) == ["small"]
    assert library.open("other") is None


def test_a_path_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        Library.of((tmp_path / "nothing",))


def test_the_host_of_the_tests_is_one_of_ours(quiet: Client) -> None:
    assert quiet.get("/", host=HOST).status == 303
