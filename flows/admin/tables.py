"""Tables of the admin's pages, and the rows that say what changed between two documents."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from flows.dsl.diff import Change
from flows.dsl.pieces import Piece
from flows.security.safejson import Json, dumps

LINK: Final = "text-primary-600 dark:text-primary-500 font-medium"
SHOWN_LETTERS: Final = 400
SHOWN_SAME: Final = 160
_MARKS: Final = {
    "removed": '<del class="bg-red-100 text-red-700 dark:bg-red-500/20 dark:text-red-400">{}</del>',
    "added": '<ins class="bg-green-100 text-green-700 dark:bg-green-500/20 dark:text-green-400">{}</ins>',
}


def table(headers: list[str], rows: Iterable[list[Any]]) -> dict[str, Any]:
    return {"headers": headers, "rows": list(rows)}


def changes_table(changes: Sequence[Change], before: str, after: str) -> dict[str, Any]:
    """What differs, in words and with the value on either side: what runs first, what is only drawn elsewhere last."""
    told = [one for one in changes if not (one.twin and one.what == "added")]
    running = [_change_row(one) for one in told if not one.is_layout]
    layout = [_change_row(one) for one in told if one.is_layout]
    apart = [[format_html("<b>{}</b>", _("Layout alone:")), "", ""]] if layout else []
    return table([_("Change"), before, after], [*running, *apart, *layout])


def _change_row(change: Change) -> list[Any]:
    """A whole node's or edge's words say enough."""
    if change.twin:
        return [_("Edge {name} was re-wired to {twin}").format(name=change.id, twin=change.twin), "", ""]
    words = _(change.template).format_map(change.params)
    if not change.path or change.what == "moved":
        return [words, "", ""]
    if any(piece.what == "same" for piece in change.pieces):
        return [words, _marked(change.pieces, "removed"), _marked(change.pieces, "added")]
    return [words, _shown(change.before), _shown(change.after)]


def _marked(pieces: Sequence[Piece], what: str) -> str:
    """One side of a text, with what the other side hasn't marked in it."""
    mark = _MARKS[what]
    own = [piece for piece in pieces if piece.what in ("same", what)]
    return format_html_join(
        "", "{}", ([_cut(piece.text) if piece.what == "same" else format_html(mark, piece.text)] for piece in own)
    )


def _cut(text: str) -> str:
    """Of what is the same, enough to know where one is."""
    return text if len(text) <= SHOWN_SAME else f"{text[: SHOWN_SAME // 2]} … {text[-SHOWN_SAME // 2 :]}"


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else "" if value is None else dumps(value)
    return text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS]}…"


def percent(figure: object) -> str:
    return _("%(figure)s %%") % {"figure": figure}


def when_shown(moment: datetime) -> str:
    """A moment as a cell of a table shows it, in the reader's own time."""
    return format_html('<span class="whitespace-nowrap">{}</span>', date_format(localtime(moment), "DATETIME_FORMAT"))
