"""Signing a request the way AWS and what is compatible with it ask for: Signature Version 4.

After "Create a signed AWS API request" of the AWS Identity and Access Management guide. It decides nothing of what is
asked, and reads no clock: when it is signed is given.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNRESERVED: Final = "-_.~"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Who signs, and for what. Its text form shows no secret."""

    access_key: str
    secret: str = field(repr=False)
    region: str
    service: str
    session_token: str | None = field(default=None, repr=False)


def signed(
    method: str, url: str, headers: Mapping[str, str], body: bytes, *, key: SigningKey, at: int
) -> dict[str, str]:
    """The headers with `X-Amz-Date`, the session's token and `Authorization` beside them; all of them are signed.

    `at`: microseconds since the epoch. `Host` is signed as it will be sent and isn't among the answer.
    """
    stamp = datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "X-Amz-Date": stamp}
    if key.session_token is not None:
        sent["X-Amz-Security-Token"] = key.session_token
    names, canonical = canonical_request(method, url, sent, body)
    scope = f"{stamp[:8]}/{key.region}/{key.service}/aws4_request"
    text = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = hmac.new(_derived(key, stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
    said = f"{ALGORITHM} Credential={key.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**sent, "Authorization": said}


def canonical_request(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """The names of the signed headers, and the request in the one form that both sides hash."""
    parts = urlsplit(url)
    whole = {name.lower(): " ".join(value.split()) for name, value in {**headers, "Host": parts.netloc}.items()}
    names = ";".join(sorted(whole))
    pairs = sorted(
        (quote(name, safe=UNRESERVED), quote(value, safe=UNRESERVED))
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    lines = (
        method,
        quote(parts.path or "/", safe=f"/{UNRESERVED}"),
        "&".join(f"{name}={value}" for name, value in pairs),
        *(f"{name}:{whole[name]}" for name in sorted(whole)),
        "",
        names,
        hashlib.sha256(body).hexdigest(),
    )
    return names, "\n".join(lines)


def _derived(key: SigningKey, day: str) -> bytes:
    found = f"AWS4{key.secret}".encode()
    for part in (day, key.region, key.service, "aws4_request"):
        found = hmac.new(found, part.encode(), hashlib.sha256).digest()
    return found
