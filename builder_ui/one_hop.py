"""How a request reaches its view: in one hop to a thread.

Django's own handler goes to a thread and back for each half of each middleware, some twenty times per request,
which costs more than most answers. This one runs Django's synchronous chain whole in one thread: order, short
circuits and errors are Django's own. Async views still go the async way, and those that say how they begin are
begun in the chain and finished on the loop, holding no thread. Refuses to know which views and middlewares there are.
"""

from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, iscoroutinefunction, sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve, set_urlconf

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
        """Serve one request, in a thread lent to it; leaving the context gives it back."""
        async with ThreadSensitiveContext() as context:
            SyncToAsync.context_to_thread_executor[context] = self._threads.lend()
            await self.handle(scope, receive, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request. Middlewares see what is finished later as it was begun."""
        if _is_for_the_loop(request):
            return await super().get_response_async(request)
        response: HttpResponseBase = await sync_to_async(self._chain.get_response, thread_sensitive=True)(request)
        finish = getattr(response, "finish", None)
        if finish is not None:
            await finish()
        return response


def _is_for_the_loop(request: HttpRequest) -> bool:
    set_urlconf(settings.ROOT_URLCONF)
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return iscoroutinefunction(view) and not hasattr(view, "begin")
