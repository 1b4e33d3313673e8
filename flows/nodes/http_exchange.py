"""One HTTP exchange with its redirects: what is sent, to whom, and what follows to another host.

A redirect is a new request through the same guard. Secrets never follow to another origin: neither
the credential nor any header the flow's author wrote, since which of them are secret can't be known.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

import httpx

from flows.nodes.base import BadConfig, Credential, NotSent, Permanent, Step, Unanswered
from flows.nodes.credential_kinds import http_credential
from flows.nodes.http_body import ACCEPT_ENCODING
from flows.security.egress import NameNotFound

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# What the connection itself decides, and what would talk to the server about another one.
OWN_HEADERS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect"}
)
# Headers of the author that say nothing of who is asking.
FOLLOWING: Final = frozenset({"accept", "accept-language", "content-type", "idempotency-key", "user-agent"})

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\U0010ffff]*")
_URL_REFUSED: Final = re.compile(r"[\x00-\x20\x7f\\]")


class TooManyRedirects(Permanent):
    """{url} was redirected more than {limit} times."""

    code = "too_many_redirects"


@dataclass(frozen=True, slots=True)
class Sending:
    """A request ready to go, and the origin its secrets belong to."""

    method: str
    url: httpx.URL
    headers: dict[str, str]
    content: bytes | None = None
    credential: Credential | None = None
    hop: int = field(default=0)

    def after(self, status: int, location: str) -> "Sending":
        """The request a redirect asks for. Raises BadConfig where it leads nowhere sensible."""
        url = _joined(self.url, location)
        method, content = self.method, self.content
        if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
            method, content = "GET", None
        same = origin(url) == origin(self.url)
        headers = {
            name: value
            for name, value in self.headers.items()
            if (same or name.lower() in FOLLOWING) and (content is not None or name.lower() != "content-type")
        }
        return replace(
            self,
            method=method,
            url=url,
            headers=headers,
            content=content,
            credential=self.credential if same else None,
            hop=self.hop + 1,
        )


def origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or DEFAULT_PORTS.get(url.scheme, 0)


def shown(url: httpx.URL) -> str:
    """A URL fit for a message: no query, no fragment, no user."""
    return str(url.copy_with(query=None, fragment=None, username=None, password=None))


def _joined(base: httpx.URL, location: str) -> httpx.URL:
    if _URL_REFUSED.search(location):
        raise BadConfig("url: a redirect led to an address with spaces, control characters or backslashes")
    try:
        return parse_url(str(base.join(location)))
    except httpx.InvalidURL as error:
        raise BadConfig(f"url: a redirect led to what is no address ({error})") from None


def parse_url(text: str) -> httpx.URL:
    """An http or https URL without user info. Raises BadConfig."""
    if _URL_REFUSED.search(text):
        raise BadConfig("url: spaces, control characters and backslashes must be percent-encoded")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise BadConfig(f"url: {error}") from None
    if url.port is not None and not 0 < url.port < 65_536:
        raise BadConfig("url: a port is a number from 1 to 65535")
    if url.scheme not in DEFAULT_PORTS or not url.host:
        raise BadConfig("url: it must begin with http:// or https:// and a host")
    if url.userinfo:
        raise BadConfig("url: a user or password in the address is not allowed; use a credential")
    return url.copy_with(fragment=None)


def check_headers(headers: dict[str, str]) -> None:
    """Raises BadConfig for headers that would break out of their line or belong to the connection."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise BadConfig(f"headers: {name!r} is not the name of a header")
        if name.lower() in OWN_HEADERS or name.lower().startswith("proxy-"):
            raise BadConfig(f"headers: {name} is set by the connection itself")
        if not _HEADER_VALUE.fullmatch(value):
            raise BadConfig(f"headers: the value of {name} holds a line break or a control character")


async def send(sending: Sending, step: Step) -> httpx.Response:
    """Send it and return the streamed answer, whose body the caller reads and closes."""
    request = _build(sending, step)
    try:
        return await step.http.send(request, stream=True, follow_redirects=False)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, NameNotFound) as error:
        reason = f"{shown(sending.url)}: {cause(error)}"
        raise (Unanswered(reason) if sending.hop else NotSent(reason)) from error
    except httpx.InvalidURL as error:
        # The client looks at a redirect's address even when it is not to follow it.
        raise BadConfig(f"url: a redirect led to what is no address ({error})") from None
    except httpx.LocalProtocolError as error:
        raise Permanent(f"{shown(sending.url)}: {error}") from error
    except httpx.TransportError as error:
        raise Unanswered(f"{shown(sending.url)}: {cause(error)}") from error


def cause(error: BaseException) -> str:
    """What an exception says, or its name where it says nothing."""
    return str(error) or type(error).__name__


def _build(sending: Sending, step: Step) -> httpx.Request:
    url, headers = sending.url, dict(sending.headers)
    if sending.credential is not None:
        host, port = origin(url)[1:]
        sending.credential.require(host, port)
        url, headers = http_credential(sending.credential).onto(url, headers)
    headers.setdefault("Accept-Encoding", ACCEPT_ENCODING)
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    return step.http.build_request(sending.method, url, headers=encoded, content=sending.content)
