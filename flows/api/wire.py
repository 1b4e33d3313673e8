"""What goes over the wire: guarded JSON in, JSON out, times in RFC 3339 UTC with `Z`."""

from collections.abc import Mapping
from typing import IO, Any, Final

import orjson
from django.utils.functional import Promise
from pydantic import BaseModel
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from flows.errors import BodyTooLarge
from flows.security import safejson

MAX_BODY: Final = 10 * 1024 * 1024
PROBLEM: Final = "application/problem+json"


class JsonParser(BaseParser):
    """Measured, then parsed, then checked for what no other reader of JSON could hold."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise BodyTooLarge(limit=MAX_BODY)
        if not raw.strip():
            return {}
        value = safejson.loads(raw)
        safejson.check(value)
        return value


class JsonRenderer(BaseRenderer):
    """Pydantic models, rows of plain values and documents, as compact JSON."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else to_bytes(data)


def to_bytes(data: Any) -> bytes:
    return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.__dict__
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
