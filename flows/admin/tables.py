"""Tables of the admin's pages, and the rows that say what changed between two documents."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext as _

from flows.dsl.diff import Change
from flows.security.safejson import Json, dumps

LINK: Final = "text-primary-600 dark:text-primary-500 font-medium"
SHOWN_LETTERS: Final = 400


def table(headers: list[str], rows: Iterable[list[Any]]) -> dict[str, Any]:
    return {"headers": headers, "rows": list(rows)}


def change_row(change: Change) -> list[Any]:
    """In words, then the value on either side; a whole node's or edge's words say enough."""
    words = _(change.template).format_map(change.params)
    return [words, _shown(change.before), _shown(change.after)] if change.path else [words, "", ""]


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else "" if value is None else dumps(value)
    return text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS]}…"
