"""Expressions over HTTP: what one gives on values at hand, while it is written."""

from typing import Any, ClassVar

from django.utils.translation import gettext
from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.operations.access import Permission
from flows.operations.previews import preview
from flows.operations.saying import message_of


class ValuesAtHand(Body):
    """What expressions may read; what is left out is unknown."""

    input: Any = None
    nodes: dict[str, Any] = {}
    item: Any = None
    index: int | None = None
    last: Any = None
    lock: Any = None
    run: Any = None
    flow: Any = None
    vars: Any = None


class AskPreview(Body):
    text: str = Field(max_length=64 * 1024, description="As it stands in the field, with its braces")
    values: ValuesAtHand = Field(default_factory=ValuesAtHand)


class FaultShape(BaseModel):
    """`start` and `end` count UTF-16 units of the text, as browsers do."""

    code: str
    message: str
    hint: str
    start: int
    end: int


class PreviewShape(BaseModel):
    """The value, unless something is `unknown` or there is an `error`; a `large` one is not told."""

    value: Any = None
    large: bool = False
    unknown: list[str] = []
    error: FaultShape | None = None


class PreviewOfExpression(Endpoint):
    needs: ClassVar = {"post": Permission.FLOWS_READ}

    @described("What a text with expressions gives on values at hand", takes=AskPreview, gives={200: PreviewShape})
    def post(self, _: Request) -> Response:
        asked = self.read(AskPreview)
        seen = preview(self.actor, asked.text, asked.values.model_dump(exclude_unset=True))
        fault = None
        if seen.error is not None:
            error = seen.error
            fault = FaultShape(
                code=error.code,
                message=message_of(error),
                hint=gettext(error.hint) if error.hint else "",
                start=_units(asked.text, seen.start),
                end=_units(asked.text, seen.end),
            )
        return Response(PreviewShape(value=seen.value, large=seen.is_large, unknown=list(seen.unknown), error=fault))


def _units(text: str, characters: int) -> int:
    """How many UTF-16 units the text's first characters are."""
    return len(text[:characters].encode("utf-16-le", "surrogatepass")) // 2
