"""Lists over the wire: `results`, and `next`, the address of the page after it."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from flows.api.endpoint import Query
from flows.operations.pages import MAX_LIMIT, Page

T = TypeVar("T")


class ListQuery(Query):
    """Which page: `cursor` is taken from the address in `next`."""

    cursor: str | None = Field(default=None, max_length=200)
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


class Listing(BaseModel, Generic[T]):
    results: list[T]
    next: str | None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        # OpenAPI allows no brackets in the name of a component.
        return f"{params[0].__name__.removesuffix('Shape')}List"


def listing(request: Request, page: Page[Any], shape: Callable[[Any], Any]) -> dict[str, Any]:
    """One page, each row in its shape."""
    after = None
    if page.next is not None:
        after = replace_query_param(request.build_absolute_uri(), "cursor", page.next)
    return {"results": [shape(row) for row in page.rows], "next": after}
