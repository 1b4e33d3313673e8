"""One request of the model nodes to a registry or a target, answered in JSON, behind the guard.

It decides what a failing answer is called. It follows no redirect: an address that moved is to be set anew, and no
secret goes where it was not meant to. What is asked for, and what an answer means, is known by who asks.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx
import orjson

from flows.nodes import ml_reasons as why
from flows.nodes.base import Json, Permanent, Recoverable, Step, Unanswered
from flows.nodes.http_body import ACCEPT_ENCODING, read_body, text_of
from flows.nodes.http_exchange import Sending, cause, origin, parse_url, send, shown
from flows.security.safejson import NotJson, loads

MOST: Final = 4 * 2**20
SECONDS: Final = 30.0
SHOWN: Final = 500
BUSY: Final = frozenset({408, 425, 429})


class Refused(Permanent):
    """{what} answered {status}: {reason}"""

    code = "ml_refused"
    hint = "Look at the address, the names and the credential of the node."


class Busy(Recoverable):
    """{what} answered {status}: {reason}"""

    code = "ml_busy"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its status, and its body where that is a JSON object."""

    what: str
    status: int
    body: dict[str, Json]
    text: str

    @property
    def is_good(self) -> bool:
        return self.status < 300

    def refusal(self) -> Refused | Busy:
        """The failure that a bad answer is: to be tried again where the other side says or seems that it is busy."""
        reason = self.body.get("message") or self.text or why.UNSAID
        kind = Busy if self.status in BUSY or self.status >= 500 else Refused
        return kind(what=self.what, status=self.status, reason=str(reason)[:SHOWN])


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask: `what` for messages, the address, and the headers that say who asks (`secret`)."""

    what: str
    url: str
    secret: Mapping[str, str]

    async def ask(
        self,
        step: Step,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Json = None,
        key: str | None = None,
    ) -> Told:
        """The answer, whatever its status. `key`: the idempotency key. Raises NotSent, Unanswered, CredentialRefused."""
        url = parse_url(self.url.rstrip("/") + path)
        if query:
            url = url.copy_merge_params(dict(query))
        headers = {"Accept-Encoding": ACCEPT_ENCODING, "Accept": "application/json", **self.secret}
        if self.secret and step.credential is not None:
            step.credential.require(*origin(url)[1:])
        content = None if method in ("GET", "DELETE") else orjson.dumps(json)
        if content is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        return await told(step, Sending(method, url, headers, content), self.what)


async def told(step: Step, sending: Sending, what: str) -> Told:
    """Send it and read the answer. Raises NotSent, Unanswered."""
    try:
        async with asyncio.timeout(SECONDS):
            response = await send(sending, step)
            try:
                body = await read_body(response, MOST)
            finally:
                await response.aclose()
    except TimeoutError:
        raise Unanswered(why.SILENT.format(url=shown(sending.url), seconds=f"{SECONDS:.0f}")) from None
    except httpx.TransportError as error:
        raise Unanswered(f"{shown(sending.url)}: {cause(error)}") from error
    text = text_of(response, body)
    return Told(what, response.status_code, _object(body), text)


def _object(body: bytes) -> dict[str, Json]:
    try:
        found = loads(body) if body.strip() else None
    except NotJson:
        return {}
    return found if isinstance(found, dict) else {}
