"""How a request reaches its view: in one hop to a thread.

Django's own handler goes to a thread and back for each half of each middleware and for each of its signals, some
twenty times per request, which costs more than most answers. This one runs it whole in one thread: signals, chain
and closing; order, short circuits and errors are Django's own. Async views still go the async way, and those that
say how they begin are begun in the chain and finished on the loop, holding neither a thread nor a connection.
Refuses to know which views and middlewares there are.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, iscoroutinefunction, sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import FileResponse, HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve, set_script_prefix, set_urlconf

from builder_ui.lent_threads import LentThreads
from builder_ui.static_files import Receive, Send


class _Chain(BaseHandler):
    """The synchronous chain."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        match: ResolverMatch = super().resolve_request(request)
        begin = getattr(match.func, "begin", None)
        if begin is not None:
            match.func = begin
        return match


class OneHop(ASGIHandler):
    """Django's handler, with one hop to a thread where it has many."""

    def __init__(self) -> None:
        super().__init__()
        self._chain = _Chain()
        self._threads = LentThreads()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request, in a thread lent to it."""
        async with ThreadSensitiveContext() as context:
            threads = SyncToAsync.context_to_thread_executor
            threads[context] = self._threads.lend()
            try:
                if _is_for_the_loop(scope):
                    await self.handle(scope, receive, send)
                else:
                    await self._answer(scope, receive, send)
            finally:
                # Given back by us: leaving the context would start a thread of its own to wait for this one.
                lent = threads.pop(context, None)
                if lent is not None:
                    lent.shutdown(wait=False)

    async def _answer(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        try:
            response = await sync_to_async(self._answered, thread_sensitive=True)(scope, body)
            finish = getattr(response, "finish", None)
            if finish is not None and not await self._is_finished(finish, receive):
                return
            await self.send_response(response, send)
            if response.streaming:
                await sync_to_async(response.close, thread_sensitive=True)()
        finally:
            body.close()

    def _answered(self, scope: dict[str, Any], body: Any) -> Any:
        """All of it in one thread. What is finished later is closed already: all it still gets is its content."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, refused = self.create_request(scope, body)
        response: Any = refused if request is None else self._chain.get_response(request)
        response._handler_class = type(self)
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
        return response

    async def _is_finished(self, finish: Callable[[], Awaitable[None]], receive: Receive) -> bool:
        """Finish the answer, unless whoever asked has gone."""
        finishing = asyncio.ensure_future(finish())
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait((finishing, leaving), return_when=asyncio.FIRST_COMPLETED)
            return finishing.done()
        finally:
            finishing.cancel()
            leaving.cancel()
            results = await asyncio.gather(finishing, leaving, return_exceptions=True)
            for result in results:
                if isinstance(result, Exception) and not isinstance(result, RequestAborted):
                    raise result


def _is_for_the_loop(scope: dict[str, Any]) -> bool:
    set_urlconf(settings.ROOT_URLCONF)
    path = scope["path"].removeprefix(scope.get("root_path") or "")
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    return iscoroutinefunction(view) and not hasattr(view, "begin")
