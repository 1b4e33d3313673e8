"""Applying the differences between two documents: `patch(a, diff(a, b))` is b, to the last byte of its hash.

Each change is held against what stands before it is made: on another document it is refused whole.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from flows.dsl.canonical import plain
from flows.dsl.diff import LISTS, PARTS, Change, kept_first, same
from flows.dsl.document import Document
from flows.errors import Conflict

_NAMES = {part: name for name, part in PARTS.items()}


class DoesNotApply(Conflict):
    """The change does not fit this document: {change}"""

    code = "does_not_apply"


def patch(document: Document, changes: Sequence[Change]) -> Document:
    """The document with the changes made. Raises DoesNotApply."""
    found: dict[str, Any] = deepcopy(plain(document))
    for change in changes:
        _apply(found, change)
    return Document.model_validate(found)


def _apply(document: dict[str, Any], change: Change) -> None:
    match change.part:
        case "flow" if change.what == "moved":
            _reorder(document, change)
        case "flow":
            _set(document, change.path, change)
        case "inputs":
            _set(document, "/inputs", change)
        case "settings":
            _set(document.setdefault("settings", {}), change.path, change)
        case "pin":
            _set(document.setdefault("pins", {}), f"/{change.id}", change)
        case _:
            _apply_to_item(document, change)


def _apply_to_item(document: dict[str, Any], change: Change) -> None:
    name = _NAMES[change.part]
    items: list[Any] = document.setdefault(name, [])
    found = next((item for item in items if LISTS[name](item) == change.id), None)
    if change.what == "added" and found is None:
        items.append(deepcopy(change.after))
    elif change.what == "removed" and found is not None and same(found, change.before):
        items.remove(found)
    elif change.path and found is not None:
        _set(found, change.path, change)
    else:
        raise DoesNotApply(change=change.message)


def _reorder(document: dict[str, Any], change: Change) -> None:
    name, wanted = change.path.removeprefix("/"), change.after
    by_name = {LISTS[name](item): item for item in document.get(name, [])}
    if not isinstance(wanted, list) or kept_first(list(by_name), [str(one) for one in wanted]) != list(by_name):
        raise DoesNotApply(change=change.message)
    document[name] = [by_name[str(one)] for one in wanted]


def _set(root: dict[str, Any], path: str, change: Change) -> None:
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    here: Any = root
    for part in way:
        here = here.get(part) if isinstance(here, dict) else None
    if not isinstance(here, dict) or not _stands(here, last, change):
        raise DoesNotApply(change=change.message)
    if change.absent == "after":
        del here[last]
    else:
        here[last] = deepcopy(change.after)


def _stands(here: dict[str, Any], last: str, change: Change) -> bool:
    if change.absent == "before":
        return last not in here
    return last in here and same(here[last], change.before)
