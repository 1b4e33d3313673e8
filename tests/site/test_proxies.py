"""Who really asks: a proxy is believed when it is trusted, and nobody else ever."""

from ipaddress import ip_network
from typing import Any

import pytest

from builder_ui.proxies import TrustedProxies

PROXY, CLIENT, STRANGER = "10.0.0.1", "203.0.113.7", "198.51.100.9"


async def seen(client: str | None, headers: dict[str, str], scheme: str = "http") -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        found.update(scope)

    scope = {
        "type": "websocket" if scheme == "ws" else "http",
        "scheme": scheme,
        "client": [client, 5000] if client else None,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await TrustedProxies(application, [ip_network("10.0.0.0/8")])(scope, None, None)  # type: ignore[arg-type]  # unused
    return found


async def test_a_trusted_proxy_tells_the_client_and_the_scheme() -> None:
    scope = await seen(PROXY, {"x-forwarded-for": CLIENT, "x-forwarded-proto": "https"})
    assert scope["client"][0] == CLIENT
    assert scope["scheme"] == "https"


async def test_a_socket_behind_a_trusted_proxy_is_secure_too() -> None:
    assert (await seen(PROXY, {"x-forwarded-proto": "https"}, scheme="ws"))["scheme"] == "wss"


async def test_a_stranger_is_not_believed_and_its_words_are_taken_away() -> None:
    scope = await seen(STRANGER, {"x-forwarded-for": CLIENT, "x-forwarded-proto": "https", "host": "x"})
    assert scope["client"][0] == STRANGER
    assert scope["scheme"] == "http"
    assert scope["headers"] == [(b"host", b"x")]


async def test_what_a_client_wrote_before_the_proxy_is_not_believed() -> None:
    scope = await seen(PROXY, {"x-forwarded-for": f"127.0.0.1, {CLIENT}, 10.0.0.2"})
    assert scope["client"][0] == CLIENT


@pytest.mark.parametrize("value", ["", "nonsense", "10.0.0.3"])
async def test_a_chain_without_a_stranger_leaves_a_client_that_is_no_lie(value: str) -> None:
    scope = await seen(PROXY, {"x-forwarded-for": value})
    assert scope["client"][0] in (PROXY, "nonsense")


async def test_a_connection_without_address_passes() -> None:
    assert (await seen(None, {"x-forwarded-for": CLIENT}))["client"] is None
