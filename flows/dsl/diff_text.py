"""Differences as text for a terminal or a review: what does something first, then what is only drawn elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from flows.dsl.diff import Change
from flows.security import safejson
from flows.security.safejson import Json


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
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
        if not is_layout(change):
            lines += _lines(change, translate)
    layout = [change for change in changes if is_layout(change)]
    if layout:
        lines.append(translate(_LAYOUT))
        for change in layout:
            lines += [f"  {line}" for line in _lines(change, translate)]
    return "\n".join(lines)


def is_layout(change: Change) -> bool:
    """Whether it changes nothing that runs: places, orders and notes."""
    return change.what == "moved" or change.part == "note"


def _lines(change: Change, translate: Translate) -> Iterator[str]:
    if change.twin and change.what == "added":
        return  # told with the edge that it replaces
    if change.twin:
        yield f"~ {translate(_REWIRED).format(name=change.id, twin=change.twin)}"
        return
    yield f"{_SIGNS[change.what]} {translate(change.template).format_map(change.params)}"
    if change.what == "changed":
        if change.absent != "before":
            yield f"    - {_shown(change.before)}"
        if change.absent != "after":
            yield f"    + {_shown(change.after)}"


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else safejson.dumps(value)
    return text.replace("\n", "\n      ")
