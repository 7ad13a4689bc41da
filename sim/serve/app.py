"""The requests the page answers, each in a few lines; whatever is wrong becomes words on a page, never a traceback."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sim.errors import InputError, Problem, RollriskError, ScenarioError, UsageError
from sim.scenario import identity
from sim.scenario.resolved import Scenario
from sim.serve import pages, state
from sim.serve.changes import RefusedError, changed, named
from sim.serve.desk import Desk, GoneError
from sim.serve.guards import HEADERS, LARGEST_BODY, LONGEST_ADDRESS, App, Guard
from sim.serve.library import Library
from sim.serve.looks import Look, look
from sim.serve.player import DroppedError, Player
from sim.serve.state import State
from sim.serve.studies import Studies

MOST_WORDS = 300
REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
"""A report is shown as if it came from nowhere: its scripts may draw, and ask this server for nothing."""
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Server:
    """What all requests share."""

    library: Library
    player: Player
    studies: Studies
    desk: Desk = field(default_factory=Desk)
    _asked: dict[tuple[str, int], str] = field(default_factory=dict)

    def application(self, names: frozenset[str], *, exposed: bool = False) -> App:
        """The whole, behind its guard."""
        routes = [
            Route("/", self.scenarios),
            Route("/look/{name:path}", self.look),
            Route("/studies", self.all_studies, methods=["GET"]),
            Route("/studies", self.send, methods=["POST"]),
            Route("/studies/{folder}", self.study, methods=["GET"]),
            Route("/studies/{folder}/stop", self.stop, methods=["POST"]),
            Route("/studies/{folder}/{file}", self.report, methods=["GET"]),
            Route("/static/whatif.css", self.style),
            Route("/static/whatif.js", self.script),
        ]
        handlers: Any = {404: _not_found, 405: _not_found, Exception: _our_fault}
        return Guard(
            Starlette(routes=routes, lifespan=self._alive, exception_handlers=handlers), names, exposed=exposed
        )

    @contextlib.asynccontextmanager
    async def _alive(self, app: Starlette) -> AsyncIterator[None]:
        self.desk.later(self._warm)
        try:
            yield
        finally:
            await run_in_threadpool(self.close)

    def close(self) -> None:
        """End all that plays; what a study has played is kept."""
        self.desk.close()
        self.player.close()
        self.studies.close()

    def _warm(self) -> None:
        """Before anybody asks; a file that cannot be read warms nothing, and says so when it is opened."""
        for name in self.library.files():
            with contextlib.suppress(RollriskError):
                found = self.library.open(name)
                if found is not None:
                    self.player.warm(found)
                    return

    async def scenarios(self, request: Request) -> Response:
        """All that may be opened; where there is one, that one."""
        files = await run_in_threadpool(self._questions)
        if len(files) == 1:
            return RedirectResponse(f"/look/{quote(files[0][0])}", 303)
        return HTMLResponse(pages.scenarios_page(files))

    async def look(self, request: Request) -> Response:
        """A scenario, its knobs, and what a quick look says."""
        name, given = request.path_params["name"], _words(request.url.query)
        try:
            scenario = await run_in_threadpool(self.library.open, name)
        except ScenarioError as error:
            return HTMLResponse(pages.message_page(name, str(error)), 422)
        if scenario is None:
            return _no_such("There is no such scenario here.")
        asked = state.read(scenario, given)
        if not asked.problems and asked.query() != request.url.query:
            return RedirectResponse(pages.address(name, asked), 303)
        return await self._answer(request, name, scenario, asked)

    async def _answer(self, request: Request, name: str, scenario: Scenario, asked: State) -> Response:
        found: Look | None = None
        problems, sendable = asked.problems, False
        try:
            after = changed(scenario, asked.values)
            if not problems:
                sendable = True
                found = await self._looked(request, scenario, after, asked)
        except RefusedError as error:
            problems += error.problems
        except GoneError:
            return PlainTextResponse("", 499)
        except InputError as error:
            problems = (Problem(file="", message=str(error)),)
        page = pages.look_page(name, scenario, asked, found, problems, sendable=sendable)
        return HTMLResponse(page, 422 if problems else 200)

    async def _looked(self, request: Request, base: Scenario, after: Scenario, asked: State) -> Look:
        """The same question is answered once, for whoever asks it."""
        key = (identity(base), identity(after), base.document["name"], asked.query(), after.study.decide_by)
        found: Look = await self.desk.answer(
            key, lambda stop: look(base, after, asked, self.player, stop), request.is_disconnected
        )
        return found

    async def send(self, request: Request) -> Response:
        """Begin a full study of what the page shows."""
        try:
            words = dict(_words((await _body(request)).decode("utf-8", errors="replace")))
            name = words.get("name", "")
            scenario = await run_in_threadpool(self.library.open, name)
            if scenario is None:
                return _no_such("There is no such scenario here.")
            asked = state.read(scenario, _words(words.get("query", "")))
            if asked.problems:
                raise RefusedError(asked.problems)
            study = named(changed(scenario, asked.values), asked.values)
            folder = await run_in_threadpool(self.studies.send, study, pages.address(name, asked))
        except (RefusedError, InputError) as error:
            return HTMLResponse(pages.message_page("This cannot be sent", str(error)), 422)
        return RedirectResponse(f"/studies/{quote(folder)}", 303)

    async def all_studies(self, request: Request) -> Response:
        """What was sent, and the reports there are."""
        return HTMLResponse(await run_in_threadpool(pages.studies_page, self.studies))

    async def study(self, request: Request) -> Response:
        """How a study stands."""
        sent = self.studies.get(request.path_params["folder"])
        if sent is None:
            return _no_such("No such study was sent since this server began.")
        return HTMLResponse(pages.study_page(sent, self.studies))

    async def stop(self, request: Request) -> Response:
        """Ask a study to end."""
        folder = request.path_params["folder"]
        if self.studies.get(folder) is None:
            return _no_such("No such study was sent since this server began.")
        self.studies.stop(folder)
        return RedirectResponse(f"/studies/{quote(folder)}", 303)

    async def report(self, request: Request) -> Response:
        """A report's file, as it lies in the results folder."""
        folder, file = request.path_params["folder"], request.path_params["file"]
        try:
            found = await run_in_threadpool(self.studies.read, folder, file)
        except UsageError as error:
            return HTMLResponse(pages.message_page("Damaged", str(error)), 422)
        if found is None:
            return _no_such("There is no such report.")
        return Response(found[0], media_type=found[1], headers={"content-security-policy": REPORT_POLICY})

    async def style(self, request: Request) -> Response:
        """How it looks."""
        return Response(pages.stylesheet(), media_type="text/css")

    async def script(self, request: Request) -> Response:
        """What makes it answer without a press of the button."""
        return Response(pages.text_of("whatif.js"), media_type="text/javascript")

    def _questions(self) -> list[tuple[str, str]]:
        """Name and question of every file; one that cannot be read is listed all the same."""
        return [(name, self._question(name, file)) for name, file in self.library.files().items()]

    def _question(self, name: str, file: Path) -> str:
        """Remembered for as long as the file is what it was."""
        try:
            key = (name, file.stat().st_mtime_ns)
            if key not in self._asked:
                scenario = self.library.open(name)
                self._asked[key] = scenario.question if scenario else ""
            return self._asked[key]
        except (RollriskError, OSError):
            return "cannot be read as it is; open it to see why"


def _words(query: str) -> list[tuple[str, str]]:
    """The words of an address or a form, bounded."""
    if len(query) > max(LONGEST_ADDRESS, LARGEST_BODY):
        return []
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_WORDS, errors="replace")
    except ValueError:
        return [("too many words", "")]


async def _body(request: Request) -> bytes:
    """The form that was sent, or nothing of one that is longer than any of ours, or broke off."""
    found = b""
    try:
        async for part in request.stream():
            found += part
            if len(found) > LARGEST_BODY:
                return b""
    except ClientDisconnect:
        return b""
    return found


def _no_such(words: str) -> Response:
    return HTMLResponse(pages.message_page("Not here", words), 404)


async def _not_found(request: Request, error: Exception) -> Response:
    return _no_such("There is nothing at this address.")


async def _our_fault(request: Request, error: Exception) -> Response:
    """What was not foreseen: told in the terminal in full, on the page in a word."""
    if isinstance(error, DroppedError):
        return PlainTextResponse("", 499, headers=HEADERS)
    _LOG.error("unexpected error at %s", request.url.path, exc_info=error)
    words = (
        "Something went wrong that is a fault of rollrisk. The terminal in which it runs says more; please report it."
    )
    return HTMLResponse(pages.message_page("A fault of ours", words), 500, headers=HEADERS)
