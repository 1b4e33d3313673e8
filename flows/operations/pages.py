"""A list in pages: rows by id, newest first, each page starting after the cursor's row.

Ids are UUIDv7, so their order is the order of making and a page stays right while rows are added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from flows.errors import BadInput

MAX_LIMIT: Final = 200

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page; `next` is the cursor of the page after it, None at the end."""

    rows: Sequence[T]
    next: str | None


def page_of(rows: QuerySet[M], *, cursor: str | None, limit: int) -> Page[M]:
    """The rows after the cursor, newest first. Raises BadInput for a cursor that isn't one of ours."""
    size = max(1, min(limit, MAX_LIMIT))
    if cursor is not None:
        rows = rows.filter(pk__lt=read_cursor(cursor))
    found = list(rows.order_by("-pk")[: size + 1])
    more = len(found) > size
    shown = found[:size]
    return Page(rows=shown, next=str(shown[-1].pk) if more else None)


def read_cursor(cursor: str) -> UUID:
    """The id in a cursor. Raises BadInput."""
    try:
        return UUID(cursor)
    except ValueError:
        raise BadInput(reason="the cursor is not one that this list gave") from None
