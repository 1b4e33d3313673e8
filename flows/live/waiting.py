"""`?wait=30s`: a start that is answered when its run has ended, or the time is over.

The waiting itself holds neither a thread nor a connection: it is one more watch of the hub. So many may wait;
one more gets 503 at once, before anything is started.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial, update_wrapper
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from asgiref.sync import SyncToAsync, sync_to_async
from channels.db import database_sync_to_async
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.translation import gettext

from flows.dsl.durations import parse_duration
from flows.journal import read
from flows.live.hub import hub
from flows.live.reader import reader
from flows.live.statuses import status_of
from flows.models.run import LIVE
from flows.operations.saying import problem_document

MAX_WAITERS: Final = 500
MAX_WAIT: Final = 300.0
LOOK_EVERY: Final = 5.0
RESULT_WAIT: Final = 60.0
# The end of a run is committed on the disk, and its start before it in the same log. Where a start is answered without its
# end, this is what is written after it.
STANDS: Final = "SELECT pg_logical_emit_message(true, 'mulgil', '')"

View = Callable[..., HttpResponseBase]
AsyncView = Callable[..., Awaitable[HttpResponseBase]]
Finish = Callable[[], Awaitable[None]]


class _Room:
    """How many wait in this process; starts are counted in their threads, waits on the loop."""

    def __init__(self) -> None:
        self.waiting = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.waiting += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.waiting -= 1


room = _Room()


def with_wait(view: View) -> AsyncView:
    """The view, able to wait. Everything else of it stays as it is, its declarations too."""

    def begin(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = request.GET.get("wait") if request.method == "POST" else None
        if asked is None:
            return _rendered(view, request, *args, **kwargs)
        seconds = read_wait(asked)
        if seconds is None:
            return problem(422, "bad_wait", gettext("`wait` is a duration such as 30s, at most 5m."))
        if room.waiting >= MAX_WAITERS:
            return problem(503, "too_many_waiters", gettext("Too many are waiting already."), retry_after="1")
        began = time.monotonic()
        request.is_told_later = True  # type: ignore[attr-defined]  # for the start: its answer waits for a later commit
        with room:
            response = _rendered(view, request, *args, **kwargs)
        if isinstance(response, HttpResponse) and response.status_code in (200, 201):
            # A start that was known already may be of a run that ended long ago.
            since = began if response.status_code == 201 else None
            _finished_by(response, partial(_ended, response, _started_run(response), seconds, since))
        return response

    return _in_two_parts(view, begin)


def with_result(view: View) -> AsyncView:
    """The view; an answer of it that waits for a run is given that run's result."""

    def begin(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = _rendered(view, request, *args, **kwargs)
        run = getattr(response, "waits_for", None)
        # Where too many wait already, the answer is the one of a run that takes longer; other hooks wait for nothing.
        if run is not None and isinstance(response, HttpResponse) and room.waiting < MAX_WAITERS:
            _finished_by(response, partial(_resulted, response, UUID(run)))
        return response

    return _in_two_parts(view, begin)


def result_of(run: dict[str, Any]) -> HttpResponse:
    """What a caller of a webhook is told: the output, the error, or that it takes longer."""
    match run.get("status"):
        case "succeeded":
            status, body = 200, run["output"]
        case "failed" | "cancelled":
            status, body = 502, {"run": run["id"], "status": run["status"], "error": run["error"]}
        case _:
            status, body = 202, {"run": run.get("id"), "status": run.get("status")}
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")


def read_wait(text: str) -> float | None:
    """Seconds of `30s`, `2m` or `30`; None for what is neither."""
    if text.isascii() and text.isdigit() and len(text) < 6:
        return min(float(text), MAX_WAIT)
    try:
        return min(parse_duration(text) / 1_000_000, MAX_WAIT)
    except ValueError:
        return None


def problem(status: int, code: str, title: str, retry_after: str | None = None) -> HttpResponse:
    """An error of the waiting itself, as a problem document."""
    body = problem_document(status, code, title)
    headers = {"Retry-After": retry_after} if retry_after else {}
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/problem+json", headers=headers)


async def view_at_end(run: UUID, seconds: float, since: float | None = None) -> dict[str, Any] | None:
    """The run when it has ended, or as it is when the time is over; None where it isn't.

    `since`: a moment of the monotonic clock before the run was made. What has not rung since then needs no look.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    async with hub().watching(f"run:{run}") as watch:
        if since is not None and hub().was_silent(str(run), since):
            await watch.wait(min(seconds, LOOK_EVERY))
        # Most runs have ended when they are first heard of: then the look is the answer. A longer one is asked for
        # nothing but its status each time it rings.
        watch.take()
        view = await _view_if_ended(run)
        while view is None and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await watch.wait(min(left, LOOK_EVERY))
            watch.take()
            if await _has_ended(run):
                view = await _view_if_ended(run)
                break
    return view if view is not None else await _view(run)


async def _view_if_ended(run: UUID) -> dict[str, Any] | None:
    try:
        [(names, rows)] = await reader().ask((read.RUN_WITH_TOPS, (run,)))
        row = dict(zip(names, rows[0], strict=True)) if rows else None
        if row is None or row["status"] in LIVE:
            return None
        view = read.plain_view(row) or await _view(run)
    except (DatabaseError, psycopg.Error):
        return None  # it is away for a moment
    return view


async def _view(run: UUID) -> dict[str, Any] | None:
    return await database_sync_to_async(read.run_view, thread_sensitive=False)(run)


async def _has_ended(run: UUID) -> bool:
    try:
        return await status_of(run) not in LIVE
    except psycopg.OperationalError:
        # The database is away for a moment; the run goes on when it is back, and so does the waiting.
        return False


def _in_two_parts(view: View, begin: View) -> AsyncView:
    """An async view that begins in a thread and is finished on the loop.

    A handler that can do so itself takes `begin` and awaits the response's `finish`; any other awaits the view.
    """

    async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = await sync_to_async(begin, thread_sensitive=True)(request, *args, **kwargs)
        finish: Finish | None = getattr(response, "finish", None)
        if finish is not None:
            await finish()
        return response

    update_wrapper(begin, view)
    update_wrapper(answer, view)
    answer.begin = begin  # type: ignore[attr-defined]  # a mark on the view, as Django's own decorators leave them
    return answer


def _finished_by(response: HttpResponse, finish: Finish) -> None:
    response.finish = finish  # type: ignore[attr-defined]  # a mark on the response, as Django's own handlers leave them


def _rendered(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    response = view(request, *args, **kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response


def _started_run(response: HttpResponse) -> UUID:
    return UUID(orjson.loads(response.content)["id"])


async def _ended(response: HttpResponse, run: UUID, seconds: float, since: float | None) -> None:
    with room:
        await _let_go()
        view = await view_at_end(run, seconds, since)
        if view is not None and view["status"] in LIVE:
            await reader().ask((STANDS, ()))
    if view is None:
        text = gettext("The run is gone: it was deleted, or lost with the database before it began.")
        lost = problem(503, "run_gone", text)
        response.status_code, response.headers["Content-Type"] = 503, lost.headers["Content-Type"]
        _fill(response, lost.content)
        return
    _fill(response, orjson.dumps(view))


async def _resulted(response: HttpResponse, run: UUID) -> None:
    with room:
        await _let_go()
        view = await view_at_end(run, RESULT_WAIT)
    result = result_of(view or {})
    response.status_code = result.status_code
    _fill(response, result.content)


def _fill(response: HttpResponse, content: bytes) -> None:
    """Put the whole answer where the beginning of it stood; middlewares may have measured that already."""
    response.content = content
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(content))


async def _let_go() -> None:
    """Give back the connection and the thread that Django keeps for this request; a later part gets others."""
    if any(one.connection is not None for one in connections.all(initialized_only=True)):
        await sync_to_async(connections.close_all, thread_sensitive=True)()
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context is not None else None
    if executor is not None:
        executor.shutdown(wait=False)
