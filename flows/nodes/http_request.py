"""An HTTP request behind the egress guard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlencode

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from flows.dsl.durations import Duration, parse_duration
from flows.expr.compile import compile_value
from flows.nodes.base import (
    Credential,
    Effect,
    EffectFrom,
    Example,
    Json,
    NodeConfig,
    Permanent,
    Recoverable,
    Step,
    Unanswered,
    Value,
    _,
    node,
)
from flows.nodes.http_body import BodyKind, body_value, read_body, text_of
from flows.nodes.http_exchange import (
    REDIRECTS,
    SAFE,
    Sending,
    TooManyRedirects,
    cause,
    check_headers,
    parse_url,
    send,
    shown,
)
from flows.security.limits import LIMITS

Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
Scalar = str | int | float | bool | None

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
RECOVERABLE: Final = frozenset({408, 425, 429})
SHOWN_OF_ERROR: Final = 2_000
LONGEST_RETRY_AFTER: Final = 5 * 365 * 86_400.0  # as long as anything may sleep


class HttpFailed(Permanent):
    """{method} {url} answered {status}."""

    code = "http_status"
    hint = "Look at the step's error details for what the server said."


class HttpBusy(Recoverable):
    """{method} {url} answered {status}."""

    code = "http_status"


class NotLocked(Permanent):
    """The fencing token is to be sent as {header}, and the step holds no lock."""

    code = "not_locked"
    hint = "Put the node into a lock, or leave the header out."


class HttpConfig(NodeConfig):
    model_config = ConfigDict(populate_by_name=True)

    method: Method = "GET"
    url: str = Field(title="URL", min_length=1, max_length=8_192)
    query: dict[str, Scalar | list[Scalar]] = Field(
        default_factory=dict, description=_("Parameters added to the URL; null ones are left out")
    )
    headers: dict[str, Scalar] = Field(default_factory=dict)
    json_: Value = Field(None, alias="json", title="JSON", description=_("Sent as JSON"))
    form: dict[str, Scalar | list[Scalar]] | None = Field(None, description=_("Sent as a web form"))
    body: str | None = Field(None, description=_("Sent as it is"))
    response: BodyKind = Field("json", description=_("How the body of the answer is given"))
    timeout: Duration = Field("30s", description=_("For the whole exchange, redirects included"))
    accept: list[Annotated[int, Field(ge=400, le=599)]] = Field(
        default_factory=list, description=_("Statuses of 400 or more that are no failure")
    )
    fencing_header: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description=_(
            "Inside a lock: the header that carries its fencing token, for a service that refuses who comes late"
        ),
    )
    max_redirects: Annotated[int, Field(ge=0, le=20)] = Field(5, description=_("0 gives the redirect itself"))

    @field_validator("method", mode="before")
    @classmethod
    def _upper(cls, method: Any) -> Any:
        return method.upper() if isinstance(method, str) else method

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if len([name for name in ("json_", "form", "body") if getattr(self, name) is not None]) > 1:
            raise ValueError("set only one of json, form and body")
        return self

    def content(self) -> tuple[bytes | None, str | None]:
        """The bytes to send and their media type."""
        if self.json_ is not None or "json_" in self.model_fields_set:
            return orjson.dumps(self.json_), "application/json"
        if self.form is not None:
            return urlencode(_pairs(self.form)).encode(), "application/x-www-form-urlencoded"
        if self.body is not None:
            return self.body.encode(), "text/plain; charset=utf-8"
        return None, None


class HttpResult(BaseModel):
    status: int
    headers: dict[str, str]
    body: Value


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _pairs(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, _text(one))
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]


def _repeats_safely(config: Mapping[str, Json]) -> bool:
    """A method whose second time is as the first (RFC 9110, 9.2.2), or a key of the author's that lasts."""
    if str(config.get("method", "GET")).upper() in IDEMPOTENT:
        return True
    headers = config.get("headers")
    key = _header(headers, "idempotency-key") if isinstance(headers, dict) else None
    return key is not None and "now" not in compile_value(key).reads


def _header(headers: Mapping[str, Json], wanted: str) -> Json:
    return next((value for name, value in headers.items() if name.lower() == wanted), None)


@node(
    "http.request",
    label=_("HTTP request"),
    icon="world",
    category="net",
    effect=EffectFrom("/method", by=dict.fromkeys(sorted(SAFE), Effect.READ), otherwise=Effect.KEYED, default="GET"),
    credential="http",
    repeatable=_repeats_safely,
    description=_("Calls a web service."),
    summary="{method} {url}",
    labels={"json": "JSON", "text": _("Text"), "file": _("File")},
    output=HttpResult,
    example=Example(
        config={
            "method": "POST",
            "url": "{{ vars.shop }}/orders",
            "query": {"dry_run": True},
            "json": {"order": "{{ input.order_id }}"},
        },
        input={"order_id": "A-1042"},
        vars={"shop": "https://shop.example"},
    ),
)
async def http_request(config: HttpConfig, step: Step) -> Json:
    """Sends a request and gives `{status, headers, body}`.

    An answer of 400 or more fails the step unless `accept` names it: 408, 425, 429 and 5xx can be
    retried (after the time `Retry-After` asks for), the others are permanent. Methods other than GET,
    HEAD and OPTIONS carry an `Idempotency-Key` that is the same on every attempt. Redirects are
    followed; a credential goes to its own hosts alone and never follows to another one.
    """
    seconds = parse_duration(config.timeout) / 1_000_000
    sending = _first(config, step)
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(sending, config, step)
    except TimeoutError:
        raise Unanswered(f"{shown(sending.url)} took longer than {config.timeout}") from None
    except httpx.TransportError as error:
        raise Unanswered(f"{shown(sending.url)}: {cause(error)}") from error


def _first(config: HttpConfig, step: Step) -> Sending:
    url = parse_url(config.url)
    if config.query:
        # Added to what stands in the URL: httpx would put it in its place.
        query = "&".join(part for part in (url.query.decode(), urlencode(_pairs(config.query))) if part)
        url = url.copy_with(query=query.encode())
    headers = {name: _text(value) for name, value in config.headers.items() if value is not None}
    if config.fencing_header is not None:
        if step.lock_token is None:
            raise NotLocked(header=config.fencing_header)
        headers[config.fencing_header] = str(step.lock_token)
    check_headers(headers)
    content, media_type = config.content()
    given = {name.lower() for name in headers}
    if media_type is not None and "content-type" not in given:
        headers["Content-Type"] = media_type
    if config.method not in SAFE and "idempotency-key" not in given:
        headers["Idempotency-Key"] = step.idempotency_key
    credential: Credential | None = step.credential
    return Sending(config.method, url, headers, content, credential)


async def _exchange(sending: Sending, config: HttpConfig, step: Step) -> Json:
    while True:
        async with _closing(await send(sending, step)) as response:
            location = response.headers.get("location")
            if not (response.status_code in REDIRECTS and location and config.max_redirects):
                return await _result(response, sending, config, step)
        if sending.hop >= config.max_redirects:
            raise TooManyRedirects(url=shown(sending.url), limit=config.max_redirects)
        sending = sending.after(response.status_code, location)


@asynccontextmanager
async def _closing(response: httpx.Response) -> AsyncIterator[httpx.Response]:
    try:
        yield response
    finally:
        await response.aclose()


async def _result(response: httpx.Response, sending: Sending, config: HttpConfig, step: Step) -> Json:
    body = await read_body(response, LIMITS.step_output)
    status = response.status_code
    if status >= 400 and status not in config.accept:
        raise _failure(response, body, sending, step)
    is_bodyless = sending.method == "HEAD" or status in (204, 304)
    return {
        "status": status,
        "headers": dict(response.headers),
        "body": None if is_bodyless else body_value(response, body, config.response),
    }


def _failure(response: httpx.Response, body: bytes, sending: Sending, step: Step) -> HttpFailed | HttpBusy:
    status = response.status_code
    details: dict[str, Json] = {"status": status, "body": text_of(response, body[:SHOWN_OF_ERROR])}
    where: dict[str, Any] = {"method": sending.method, "url": shown(sending.url), "status": status}
    if status in RECOVERABLE or status >= 500:
        wait = retry_after(response.headers.get("retry-after", ""), step.began)
        return HttpBusy(retry_after=wait, details=details, **where)
    return HttpFailed(details=details, **where)


def retry_after(text: str, clock: int) -> float | None:
    """Seconds of a Retry-After header, which holds either seconds or a date (RFC 9110, 10.2.3)."""
    if text.isascii() and text.isdigit():
        seconds = float(text[:10])
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - clock / 1_000_000
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
