"""Differences as text for a terminal or a review: what does something first, then what is only drawn elsewhere.

An expression that changed stands in one line with its tokens marked as `git diff --word-diff` does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from flows.dsl.diff import Change
from flows.expr.template import has_expression
from flows.security import safejson
from flows.security.safejson import Json


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
_MARKS: Final = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
_REWIRED: Final = _("Edge {name} was re-wired to {twin}")
_LAYOUT: Final = _("Layout alone:")
_LIKE: Final = _("Nothing differs.")

Translate = Callable[[str], str]


def diff_text(changes: Sequence[Change], translate: Translate = str) -> str:
    """One line per change, both sides under what changed; `translate` gives a sentence in the reader's language."""
    if not changes:
        return translate(_LIKE)
    lines: list[str] = []
    for change in changes:
        if not change.is_layout:
            lines += _lines(change, translate)
    layout = [change for change in changes if change.is_layout]
    if layout:
        lines.append(translate(_LAYOUT))
        for change in layout:
            lines += [f"  {line}" for line in _lines(change, translate)]
    return "\n".join(lines)


def _lines(change: Change, translate: Translate) -> Iterator[str]:
    if change.twin and change.what == "added":
        return  # told with the edge that it replaces
    if change.twin:
        yield f"~ {translate(_REWIRED).format(name=change.id, twin=change.twin)}"
        return
    yield f"{_SIGNS[change.what]} {translate(change.template).format_map(change.params)}"
    if _holds_expression(change.before) and any(piece.what == "same" for piece in change.pieces):
        yield f"    {_indented(''.join(_MARKS[piece.what].format(piece.text) for piece in change.pieces))}"
    elif change.what == "changed":
        if change.absent != "before":
            yield f"    - {_shown(change.before)}"
        if change.absent != "after":
            yield f"    + {_shown(change.after)}"


def _holds_expression(value: Json) -> bool:
    return any(map(_holds_expression, value)) if isinstance(value, list) else has_expression(value)


def _shown(value: Json) -> str:
    return _indented(value if isinstance(value, str) else safejson.dumps(value))


def _indented(text: str) -> str:
    return text.replace("\n", "\n      ")
