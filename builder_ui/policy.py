"""What a browser may do on a page: the Content-Security-Policy.

Decides: one strict policy with a nonce for all pages of ours, and a wider one for `/admin/`, whose toolkit
evaluates expressions in the page. Refuses to know the pages.
"""

import secrets
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

Answer = Callable[[HttpRequest], HttpResponseBase]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

STRICT = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Alpine, which the admin's toolkit is made of, compiles the expressions of its attributes.
ADMIN = (
    "default-src 'none'; script-src 'self' 'unsafe-eval' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@sync_and_async_middleware
def content_security_policy(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """Give each request a nonce and each response the policy of its path."""
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            value = _new_nonce(request)
            return _with_policy(request, await get_response(request), value)

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        value = _new_nonce(request)
        response = get_response(request)
        assert isinstance(response, HttpResponseBase)
        return _with_policy(request, response, value)

    return answer


def nonce(request: HttpRequest) -> dict[str, str]:
    """Context processor: `csp_nonce` for the page's own script and style tags."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}


def _new_nonce(request: HttpRequest) -> str:
    value = secrets.token_urlsafe(16)
    request.csp_nonce = value  # type: ignore[attr-defined]  # a middleware's mark on the request, read by `nonce`
    return value


def _with_policy(request: HttpRequest, response: HttpResponseBase, value: str) -> HttpResponseBase:
    policy = ADMIN if request.path.startswith("/admin/") else STRICT.format(nonce=value)
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    return response
