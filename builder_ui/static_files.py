"""Static files, answered before Django sees the request.

Decides: what may be kept by browsers and for how long. An ASGI application and not a middleware, because
WhiteNoise's middleware is synchronous and would hold a thread for every request that waits.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.staticfiles.finders import get_finders
from whitenoise.base import WhiteNoise
from whitenoise.responders import Response

from builder_ui.built import built_at

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

CHUNK = 64 * 1024
FINGERPRINTED = re.compile(r"^/static/builder/assets/[^/]+-[\w-]{8,}\.\w+$")


class StaticFiles:
    """Answers `/static/…`, hands everything else on."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_ours = scope["type"] == "http" and scope["path"].startswith("/static/")
        file = _files(built_at()).get(scope["path"]) if is_ours else None
        if file is None:
            await self.application(scope, receive, send)
            return
        response = await sync_to_async(file.get_response, thread_sensitive=False)(scope["method"], _environ(scope))
        await _send(response, send)


@lru_cache(maxsize=1)
def _files(_built: int) -> Mapping[str, Any]:
    # Listed once, and once more when the editor was built anew: a path that is not in the list is never looked up.
    files = WhiteNoise(None, max_age=3600, allow_all_origins=False, immutable_file_test=_is_fingerprinted)
    for finder in get_finders():
        for storage in getattr(finder, "storages", {}).values():
            files.add_files(storage.location, f"/static/{getattr(storage, 'prefix', None) or ''}")
    listed: Mapping[str, Any] = files.files
    return listed


async def _send(response: Response, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "http.response.start", "status": int(response.status), "headers": headers})
    async for chunk in _chunks(response):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _chunks(response: Response) -> AsyncIterator[bytes]:
    if response.file is None:
        return
    read = sync_to_async(response.file.read, thread_sensitive=False)
    try:
        while chunk := await read(CHUNK):
            yield chunk
    finally:
        response.file.close()


def _environ(scope: Scope) -> dict[str, str]:
    return {
        f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
        for name, value in scope["headers"]
    }


def _is_fingerprinted(_: str, url: str) -> bool:
    return FINGERPRINTED.match(url) is not None
