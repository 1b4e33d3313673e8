import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.decorators import sync_and_async_middleware

from builder_ui.lent_threads import LentThread
from builder_ui.one_hop import OneHop
from flows.live.waiting import _finished_by, _in_two_parts

threads: list[int] = []
begun = asyncio.Event()
ended: list[str] = []


@sync_and_async_middleware
def noting(get_response: Any) -> Any:
    """A middleware that notes its thread and tells which way it went."""

    def now(request: HttpRequest) -> HttpResponse:
        threads.append(threading.get_ident())
        response: HttpResponse = get_response(request)
        response.headers["X-Noted"] = "now"
        return response

    async def later(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = await get_response(request)
        response.headers["X-Noted"] = "later"
        return response

    return later if iscoroutinefunction(get_response) else now


def plain(_: HttpRequest) -> HttpResponse:
    threads.append(threading.get_ident())
    return HttpResponse("plain")


def broken(_: HttpRequest) -> HttpResponse:
    raise ValueError("broken")


async def on_the_loop(_: HttpRequest) -> HttpResponse:
    threads.append(threading.get_ident())
    return HttpResponse("async")


def slow(_: HttpRequest) -> HttpResponse:
    response = HttpResponse("begun")

    async def finish() -> None:
        threads.append(threading.get_ident())
        await asyncio.sleep(0)
        response.content = b"finished"

    _finished_by(response, finish)
    return response


def endless(_: HttpRequest) -> HttpResponse:
    response = HttpResponse("begun")

    async def finish() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cut")

    _finished_by(response, finish)
    return response


urlpatterns = [
    path("endless/", _in_two_parts(endless, endless)),  # type: ignore[arg-type]  # as below
    path("plain/", plain),
    path("broken/", broken),
    path("async/", on_the_loop),
    path("slow/", _in_two_parts(slow, slow)),  # type: ignore[arg-type]  # async views are known to Django, not to its types
]


@pytest.fixture(autouse=True)
def routes(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.noting"]
    threads.clear()
    ended.clear()
    begun.clear()


async def ask(application: Any, path: str) -> tuple[int, dict[str, str], bytes]:
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")]
    }  # fmt: skip
    talk: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]  # it has no types
    await talk.send_input({"type": "http.request", "body": b"", "more_body": False})
    start = await talk.receive_output(5)
    body = await talk.receive_output(5)
    await talk.wait(5)
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


async def test_middlewares_and_view_share_one_thread() -> None:
    status, headers, body = await ask(OneHop(), "/plain/")
    assert (status, body, headers["X-Noted"]) == (200, b"plain", "now")
    assert len(threads) == 2
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


@pytest.mark.parametrize("path", ["/plain/", "/plain", "/nowhere/", "/broken/"])
async def test_the_answer_is_the_one_of_djangos_own_handler(path: str, settings: Any) -> None:
    settings.MIDDLEWARE = settings.MIDDLEWARE[1:-1]  # without the nonce, which differs, and what tells them apart
    assert await ask(OneHop(), path) == await ask(ASGIHandler(), path)


async def test_an_async_view_stays_on_the_loop() -> None:
    status, headers, body = await ask(OneHop(), "/async/")
    assert (status, body, headers["X-Noted"]) == (200, b"async", "later")
    assert threads == [threading.get_ident()]


@pytest.mark.parametrize("handler", [OneHop, ASGIHandler])
async def test_what_is_begun_in_a_thread_is_finished_on_the_loop(handler: type[ASGIHandler]) -> None:
    status, headers, body = await ask(handler(), "/slow/")
    assert (status, body) == (200, b"finished")
    assert "X-Noted" in headers
    assert threads[-1] == threading.get_ident()


async def test_the_next_request_takes_the_thread_of_the_last() -> None:
    application = OneHop()
    await ask(application, "/plain/")
    await ask(application, "/plain/")
    assert len(set(threads)) == 1


async def test_a_request_is_one_hop_and_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    application, hops = OneHop(), []
    submit = LentThread.submit

    def counted(self: LentThread, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        hops.append(fn)
        return submit(self, fn, *args, **kwargs)

    monkeypatch.setattr(LentThread, "submit", counted)
    await ask(application, "/plain/")
    alive = set(threading.enumerate())
    assert len(hops) == 1
    await ask(application, "/slow/")
    assert len(hops) == 2
    assert set(threading.enumerate()) <= alive  # one of another test may have ended meanwhile


async def test_who_goes_away_is_waited_for_no_longer() -> None:
    scope = {
        "type": "http", "method": "GET", "path": "/endless/", "query_string": b"", "headers": [(b"host", b"localhost")]
    }  # fmt: skip
    talk: Any = ApplicationCommunicator(OneHop(), scope)  # type: ignore[no-untyped-call]  # it has no types
    await talk.send_input({"type": "http.request", "body": b"", "more_body": False})
    await asyncio.wait_for(begun.wait(), 20)
    await talk.send_input({"type": "http.disconnect"})
    await talk.wait(20)
    assert talk.output_queue.empty()
    assert ended == ["cut"]
