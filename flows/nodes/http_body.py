"""Reading the body of an HTTP answer: decompressed within a bound, then given as JSON, text or a file."""

import base64
import zlib
from collections.abc import AsyncIterator
from email.message import Message
from pathlib import PurePosixPath
from typing import Final, Literal, Protocol

import httpx

from flows.errors import LimitExceeded
from flows.nodes.base import Json, Permanent, Unanswered
from flows.security.safejson import NotJson, loads

ACCEPT_ENCODING: Final = "gzip, deflate"

BodyKind = Literal["json", "text", "file"]


class AnswerTooLarge(LimitExceeded):
    """The answer is {size}, over the limit of {limit}."""

    code = "answer_too_large"
    hint = "Ask for less: a page of results, or fewer fields."


class AnswerNotJson(Permanent):
    """The answer is not JSON ({type}): {reason}"""

    code = "answer_not_json"
    hint = "Set the response to text, and make what you need of it with an expression."


class UnknownEncoding(Permanent):
    """The answer is encoded as {encoding}, which was not asked for."""

    code = "unknown_encoding"


class Decoder(Protocol):
    def feed(self, data: bytes, room: int) -> bytes:
        """At most `room` bytes of the decoded data; what is beyond is only known to exist."""

    @property
    def is_whole(self) -> bool: ...


class _Plain:
    is_whole = True

    def feed(self, data: bytes, room: int) -> bytes:
        return data[:room]


class _Inflater:
    """gzip, zlib or raw deflate, never more than asked for at once: a bomb stays in its shell."""

    def __init__(self, window: int) -> None:
        self._inflate = zlib.decompressobj(window)
        self._is_raw_tried = window != zlib.MAX_WBITS

    def feed(self, data: bytes, room: int) -> bytes:
        try:
            return self._inflate.decompress(data, room)
        except zlib.error:
            if self._is_raw_tried:
                raise
            # "deflate" means zlib by the standard and raw deflate by many servers.
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            self._is_raw_tried = True
            return self._inflate.decompress(data, room)

    @property
    def is_whole(self) -> bool:
        return self._inflate.eof


def _decoder(encoding: str) -> Decoder:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Inflater(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Inflater(zlib.MAX_WBITS)
    raise UnknownEncoding(encoding=encoding)


async def read_body(response: httpx.Response, limit: int) -> bytes:
    """The decoded body of a streamed answer. Raises AnswerTooLarge as soon as it is over `limit` bytes."""
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit and response.request.method != "HEAD":
        raise AnswerTooLarge(size=int(declared), limit=limit)
    decoder = _decoder(response.headers.get("content-encoding", ""))
    body = bytearray()
    raw: AsyncIterator[bytes] = response.aiter_raw()
    seen = False
    async for chunk in raw:
        seen = True
        try:
            body += decoder.feed(chunk, limit - len(body) + 1)
        except zlib.error as error:
            raise Unanswered(f"the compressed answer is broken ({error})") from None
        if len(body) > limit:
            raise AnswerTooLarge(size=f"more than {limit}", limit=limit)
    if seen and not decoder.is_whole:
        raise Unanswered("the compressed answer ended early")
    return bytes(body)


def body_value(response: httpx.Response, body: bytes, kind: BodyKind) -> Json:
    """The body as the config asked for it; an empty one is null for JSON. Raises AnswerNotJson."""
    if kind == "file":
        return _file(response, body)
    if kind == "text":
        return text_of(response, body)
    if not body.strip():
        return None
    try:
        return loads(body.removeprefix(b"\xef\xbb\xbf"))
    except NotJson as error:
        media_type = response.headers.get("content-type", "no content type")
        raise AnswerNotJson(type=media_type, reason=error.fields["reason"]) from None


def text_of(response: httpx.Response, body: bytes) -> str:
    """The body as text, by its declared charset or UTF-8; what can't be read is marked, never fatal."""
    try:
        text = body.decode(response.charset_encoding or "utf-8", "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    return text.removeprefix("\ufeff").replace("\x00", "\ufffd")


def _file(response: httpx.Response, body: bytes) -> dict[str, Json]:
    disposition = Message()
    disposition["content-disposition"] = response.headers.get("content-disposition", "")
    # A name with folders in it is a name with tricks in it: only the last part is kept.
    named = (disposition.get_filename() or "").replace("\\", "/")
    name = PurePosixPath(named).name or PurePosixPath(response.request.url.path).name or "file"
    return {
        "name": name,
        "type": response.headers.get("content-type", "application/octet-stream"),
        "size": len(body),
        "base64": base64.b64encode(body).decode(),
    }
