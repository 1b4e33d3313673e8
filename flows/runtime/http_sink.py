"""The sink that is always there: a POST behind the egress guard, with the message's id as its idempotency key.

Signatures are those of Standard Webhooks (standardwebhooks.com): `webhook-id`, `webhook-timestamp` and
`webhook-signature`, an HMAC-SHA256 over `id.timestamp.body`. Redirects aren't followed.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final
from urllib.parse import quote

import httpx
from django.conf import settings

from flows.nodes.credential_kinds import http_credential, webhook_credential
from flows.nodes.http_exchange import cause, origin, parse_url
from flows.nodes.http_request import retry_after
from flows.runtime.equipment import own_addresses
from flows.runtime.sinks import Later, Outgoing, Refused
from flows.security.credentials import Credential
from flows.security.egress import EgressGuard, NameNotFound, parse_allowances
from flows.security.transport import guarded_client

SECONDS: Final = 20.0
REFUSING: Final = frozenset({400, 413, 415, 422})
"""Answers that speak of the message itself: sending it again would change nothing."""
SHOWN: Final = 500
MOST_READ: Final = 2_000


class HttpSink:
    """Of one loop; its client is made when the first message goes."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        self._client = None
        await self._stack.aclose()

    async def deliver(
        self,
        message: Outgoing,
        config: Mapping[str, Any],
        credential: Credential | None,
        signing: Credential | None,
        now: int,
    ) -> None:
        """`now` in seconds since the epoch. Raises Refused, Later, or a MulgilError of what is configured."""
        url = parse_url(str(config.get("url", "")))
        headers = {**message.headers, **_own_headers(message), **_signature(message, signing, now)}
        if credential is not None:
            credential.require(*origin(url)[1:])
            url, headers = http_credential(credential).onto(url, headers)
        client = await self._opened()
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        request = client.build_request("POST", url, headers=encoded, content=message.body)
        try:
            async with asyncio.timeout(SECONDS):
                response = await client.send(request, stream=True, follow_redirects=False)
                try:
                    said = await _beginning(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise Later(f"no answer within {SECONDS:.0f} s") from None
        except (httpx.TransportError, httpx.InvalidURL, NameNotFound) as error:
            raise Later(cause(error)) from error
        _judge(response, said, now)

    async def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            allowances = parse_allowances(",".join(settings.MULGIL.get("egress_allow", ())))
            guard = EgressGuard(allowances, never=await own_addresses())
            self._client = await self._stack.enter_async_context(guarded_client(guard))
        return self._client


def check_url(text: str) -> None:
    """Raises BadConfig for what is no address to send to."""
    parse_url(text)


def _own_headers(message: Outgoing) -> dict[str, str]:
    own = {
        "Content-Type": "application/json",
        "Idempotency-Key": str(message.id),
        "Mulgil-Topic": message.topic,
        "Mulgil-Attempt": str(message.attempt),
    }
    return own | ({"Mulgil-Key": quote(message.key, safe="")} if message.key else {})


def _signature(message: Outgoing, signing: Credential | None, now: int) -> dict[str, str]:
    if signing is None:
        return {}
    signed = f"{message.id}.{now}.".encode() + message.body
    digest = hmac.new(_key(webhook_credential(signing).secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": str(message.id),
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    """The bytes of a secret: those behind `whsec_` in base64, as the standard writes them, else its own."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()


async def _beginning(response: httpx.Response) -> str:
    """Some of what it said, where it refuses; the rest isn't waited for."""
    if response.is_success:
        return ""
    read = b""
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) >= MOST_READ:
            break
    return read[:SHOWN].decode("utf-8", "replace")


def _judge(response: httpx.Response, said: str, now: int) -> None:
    if response.is_success:
        return
    reason = f"it answered {response.status_code}" + (f": {said}" if said else "")
    if response.status_code in REFUSING:
        raise Refused(reason=reason)
    raise Later(reason, retry_after=retry_after(response.headers.get("retry-after", ""), now * 1_000_000))
