"""Who sends a webhook: passwords, tokens and signatures, each compared in constant time.

Signatures are of the raw bytes as they came. Where the scheme signs a time, a delivery outside the
window is refused, so that a recorded one can't be played again later; the delivery's own id is
handed back for the caller to remember. Nothing here knows of requests, flows or databases.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.errors import MulgilError

Scheme: TypeAlias = Literal["none", "basic", "header", "bearer", "hmac", "github", "stripe", "slack"]

WINDOW: Final = 300
"""Seconds a signed time may be off, either way."""

MAX_CANDIDATES: Final = 10
DEFAULT_HMAC_HEADER: Final = "x-signature"
DEFAULT_TOKEN_HEADER: Final = "x-token"  # noqa: S105  # the name of a header
_SECONDS: Final = re.compile(r"\d{1,12}", re.ASCII)


class Unauthenticated(MulgilError):
    """The caller of the webhook is not known: {reason}."""

    code = "unauthenticated"
    status = 401


@dataclass(frozen=True, slots=True, repr=False)
class WebhookSecret:
    """What the sender and we both know."""

    secret: str
    user: str = ""
    header: str = ""


def verify(scheme: Scheme, secret: WebhookSecret | None, headers: Mapping[str, str], body: bytes, now: int) -> None:
    """Raise Unauthenticated unless the delivery comes from who knows the secret.

    `headers` have lower-case names; `body` is what came over the wire; `now` is in seconds since the
    epoch. Without a secret every scheme but `none` refuses.
    """
    if scheme == "none":
        return
    if secret is None or not secret.secret:
        raise Unauthenticated(reason="the webhook has no secret yet")
    match scheme:
        case "basic":
            _basic(secret, headers)
        case "bearer":
            _bearer(secret, headers)
        case "header":
            _equal(headers.get(token_header(secret), ""), secret.secret)
        case "hmac":
            _hmac(secret, headers, body)
        case "github":
            _signed(secret, body, [headers.get("x-hub-signature-256", "").removeprefix("sha256=")])
        case "stripe":
            _stripe(secret, headers, body, now)
        case "slack":
            _slack(secret, headers, body, now)


def token_header(secret: WebhookSecret | None) -> str:
    """The lower-case name of the header that carries the secret itself in the scheme `header`."""
    return (secret.header if secret is not None and secret.header else DEFAULT_TOKEN_HEADER).lower()


def delivery_id(scheme: Scheme, headers: Mapping[str, str]) -> str | None:
    """The sender's own id of the delivery, where its scheme has one: the same when it is sent again."""
    name = {"github": "x-github-delivery", "hmac": "x-delivery-id"}.get(scheme, "idempotency-key")
    return headers.get(name) or None


def sign(secret: str, body: bytes) -> str:
    """The hex HMAC-SHA256 of a body, as the generic and GitHub's scheme carry it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _equal(given: str, expected: str) -> None:
    # Digests of equal length are compared, so that not even the length of the secret is told.
    if not hmac.compare_digest(_digest(given), _digest(expected)):
        raise Unauthenticated(reason="its password or token is missing or wrong")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _basic(secret: WebhookSecret, headers: Mapping[str, str]) -> None:
    kind, _space, value = headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        pair = ""
    _equal(pair, f"{secret.user}:{secret.secret}")


def _bearer(secret: WebhookSecret, headers: Mapping[str, str]) -> None:
    kind, _space, value = headers.get("authorization", "").partition(" ")
    _equal(value.strip() if kind.lower() == "bearer" else "", secret.secret)


def _hmac(secret: WebhookSecret, headers: Mapping[str, str], body: bytes) -> None:
    """The body's HMAC-SHA256 in hex or base64, with or without `sha256=` before it."""
    given = headers.get((secret.header or DEFAULT_HMAC_HEADER).lower(), "").removeprefix("sha256=")
    expected = hmac.new(secret.secret.encode(), body, hashlib.sha256).digest()
    in_base64 = base64.b64encode(expected).decode()
    is_hex = hmac.compare_digest(_digest(given.lower()), _digest(expected.hex()))
    is_base64 = hmac.compare_digest(_digest(given), _digest(in_base64))
    if not (is_hex or is_base64):
        raise Unauthenticated(reason="its signature is missing or wrong")


def _signed(secret: WebhookSecret, message: bytes, candidates: list[str]) -> None:
    expected = _digest(sign(secret.secret, message))
    results = [hmac.compare_digest(_digest(given.lower()), expected) for given in candidates[:MAX_CANDIDATES]]
    if not any(results):
        raise Unauthenticated(reason="its signature is missing or wrong")


def _stripe(secret: WebhookSecret, headers: Mapping[str, str], body: bytes, now: int) -> None:
    """`t=…,v1=…[,v1=…]` over `t.body`; several signatures while a secret is being changed."""
    pairs = [part.strip().partition("=") for part in headers.get("stripe-signature", "").split(",")]
    times = [value for name, _equals, value in pairs if name == "t"]
    if len(times) != 1:
        raise Unauthenticated(reason="its signature is missing or wrong")
    _signed(secret, times[0].encode() + b"." + body, [value for name, _equals, value in pairs if name == "v1"])
    _in_window(times[0], now)


def _slack(secret: WebhookSecret, headers: Mapping[str, str], body: bytes, now: int) -> None:
    """`v0=…` over `v0:time:body`."""
    time = headers.get("x-slack-request-timestamp", "")
    given = headers.get("x-slack-signature", "")
    candidates = [given.removeprefix("v0=")] if given.startswith("v0=") else []
    _signed(secret, b"v0:" + time.encode() + b":" + body, candidates)
    _in_window(time, now)


def _in_window(text: str, now: int) -> None:
    if not _SECONDS.fullmatch(text) or abs(now - int(text)) > WINDOW:
        raise Unauthenticated(reason=f"it was signed more than {WINDOW} seconds ago or ahead")
