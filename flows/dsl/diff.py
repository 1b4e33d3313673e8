"""What changed between two documents: nodes, edges, settings, notes, tests and pins, field by field, in words.

Nodes are matched by id, edges by their ends and port, tests by name. A new place alone is a move, and so is a new
order of a list. An edge that left and one that came in its place know each other: it was re-wired. What is told is
enough to make one document of the other (`flows.dsl.patch`).
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from flows.dsl.canonical import plain
from flows.dsl.document import Document
from flows.dsl.pieces import Piece, pieces
from flows.dsl.problem import pointer
from flows.security.safejson import Json

What: TypeAlias = Literal["added", "removed", "changed", "moved"]
Absent: TypeAlias = Literal["", "before", "after"]
Part: TypeAlias = Literal["node", "edge", "note", "test", "pin", "settings", "inputs", "flow"]


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_SENTENCES: Final[Mapping[tuple[str, str], str]] = {
    ("node", "added"): _("Node {name} was added"),
    ("node", "removed"): _("Node {name} was removed"),
    ("node", "changed"): _("{field} of node {name} was changed"),
    ("node", "moved"): _("Node {name} was moved"),
    ("edge", "added"): _("Edge {name} was added"),
    ("edge", "removed"): _("Edge {name} was removed"),
    ("note", "added"): _("Note {name} was added"),
    ("note", "removed"): _("Note {name} was removed"),
    ("note", "changed"): _("{field} of note {name} was changed"),
    ("note", "moved"): _("Note {name} was moved"),
    ("test", "added"): _("Test {name} was added"),
    ("test", "removed"): _("Test {name} was removed"),
    ("test", "changed"): _("{field} of test {name} was changed"),
    ("pin", "added"): _("An output was pinned to {name}"),
    ("pin", "removed"): _("The pinned output of {name} was removed"),
    ("pin", "changed"): _("The pinned output of {name} was changed"),
    ("settings", "changed"): _("Setting {field} was changed"),
    ("inputs", "changed"): _("The inputs were changed"),
    ("flow", "changed"): _("{field} of the flow was changed"),
    ("flow", "moved"): _("The order of {field} was changed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `id` is a node's or note's id, `from.port>to` of an edge, a test's name; `path` is a
    JSON Pointer into that part, empty where the whole of it came or went. Where a side has nothing, it is None and
    `absent` names the side; `twin`: of an edge that was re-wired, the name of its other half.
    """

    what: What
    part: Part
    id: str
    path: str = ""
    before: Json = None
    after: Json = None
    absent: Absent = ""
    twin: str = ""

    @property
    def template(self) -> str:
        """The sentence, untranslated, with the `params` it takes."""
        return _SENTENCES[self.part, self.what]

    @property
    def params(self) -> dict[str, str]:
        field = self.path.lstrip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
        return {"name": self.id, "field": field}

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.template.format_map(self.params)

    @property
    def is_layout(self) -> bool:
        """Whether it changes nothing that runs: places, orders and notes."""
        return self.what == "moved" or self.part == "note"

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Of a text that became another, or a list that did as JSON, which part of it changed; none of anything else."""
        if self.what != "changed":
            return ()
        match self.before, self.after:
            case (str(old), str(new)):
                return tuple(pieces(old, new))
            case (list(old), list(new)):
                return tuple(pieces(_as_text(old), _as_text(new)))
            case _:
                return ()


def diff(before: Document, after: Document) -> list[Change]:
    """The changes that lead from one document to the other, in the order of the parts of a document."""
    old, new = plain(before), plain(after)
    changes = [*_frame(old, new)]
    for name, key in LISTS.items():
        earlier, later = _list(old, name), _list(new, name)
        if not _is_distinct(earlier, key) or not _is_distinct(later, key):
            if not same(earlier, later):
                changes.append(_change("flow", "", f"/{name}", old.get(name, NOTHING), new.get(name, NOTHING)))
            continue
        one, other = ({key(item): item for item in side} for side in (earlier, later))
        changes += _edges(one, other) if name == "edges" else _listed(PARTS[name], one, other)
        changes += _order(name, list(one), list(other))
    changes += _pins(_object(old.get("pins")), _object(new.get("pins")))
    return changes


def edge_name(edge: Mapping[str, Any]) -> str:
    """What an edge is told by."""
    return f"{edge['from']}.{edge.get('port', 'out')}>{edge['to']}"


def same(old: Any, new: Any) -> bool:
    """Equal as JSON: `1 == true` in Python."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def kept_first(before: Sequence[str], after: Collection[str]) -> list[str]:
    """The order a list has when what went is taken out of it and what came is put at its end."""
    stood, stands = set(before), set(after)
    return [*(name for name in before if name in stands), *(name for name in after if name not in stood)]


LISTS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "nodes": lambda item: str(item["id"]),
    "edges": edge_name,
    "notes": lambda item: str(item["id"]),
    "tests": lambda item: str(item["name"]),
}
"""The lists of a document, and what their items are matched by."""

PARTS: Final[Mapping[str, Part]] = {"nodes": "node", "edges": "edge", "notes": "note", "tests": "test"}


def _frame(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for field in ("name", "description"):
        yield from _inside("flow", "", old.get(field, NOTHING), new.get(field, NOTHING), f"/{field}")
    earlier, later = old.get("inputs", NOTHING), new.get("inputs", NOTHING)
    if not same(earlier, later):
        yield _change("inputs", "", "", earlier, later)
    yield from _inside("settings", "", _object(old.get("settings")), _object(new.get("settings")))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document.get(name, [])
    return found


def _as_text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _is_distinct(items: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], str]) -> bool:
    return len({key(item) for item in items}) == len(items)


def _order(name: str, old: list[str], new: list[str]) -> Iterator[Change]:
    if kept_first(old, new) != new:
        yield Change(what="moved", part="flow", id="", path=f"/{name}", before=[*old], after=[*new])


def _listed(part: Part, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> Iterator[Change]:
    for name, item in old.items():
        if name not in new:
            yield Change(what="removed", part=part, id=name, before=item, absent="after")
    for name, item in new.items():
        if name not in old:
            yield Change(what="added", part=part, id=name, after=item, absent="before")
            continue
        earlier = old[name]
        if part in ("node", "note"):
            was, now = earlier.get("position", NOTHING), item.get("position", NOTHING)
            if not same(was, now):
                yield _change(part, name, "/position", was, now, what="moved")
        rest, other = ({key: value for key, value in side.items() if key != "position"} for side in (earlier, item))
        yield from _inside(part, name, rest, other)


NOTHING: Final = object()


def _inside(part: Part, name: str, old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """The smallest fields that differ: objects are looked into, lists are one value."""
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _inside(part, name, old.get(key, NOTHING), new.get(key, NOTHING), path + pointer(key))
        return
    yield _change(part, name, path, old, new)


def _change(part: Part, name: str, path: str, *sides: Any, what: What = "changed") -> Change:
    old, new = sides
    absent: Absent = "before" if old is NOTHING else "after" if new is NOTHING else ""
    return Change(
        what=what,
        part=part,
        id=name,
        path=path,
        before=None if old is NOTHING else old,
        after=None if new is NOTHING else new,
        absent=absent,
    )


def _edges(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> Iterator[Change]:
    gone = [name for name in old if name not in new]
    came = [name for name in new if name not in old]
    twins = _rewired({name: old[name] for name in gone}, {name: new[name] for name in came})
    for name in gone:
        yield Change(what="removed", part="edge", id=name, before=old[name], absent="after", twin=twins.get(name, ""))
    for name in came:
        yield Change(what="added", part="edge", id=name, after=new[name], absent="before", twin=twins.get(name, ""))


def _rewired(gone: Mapping[str, Mapping[str, Any]], came: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Edges that kept one end: first those that leave from where one left, then those that arrive where one did."""
    twins: dict[str, str] = {}
    ends: tuple[Callable[[Mapping[str, Any]], Any], ...] = (
        lambda edge: (edge["from"], edge.get("port", "out")),
        lambda edge: (edge["to"],),
    )
    for end in ends:
        free: dict[Any, list[str]] = {}
        for name, edge in came.items():
            if name not in twins:
                free.setdefault(end(edge), []).append(name)
        for name, edge in gone.items():
            if name not in twins and (others := free.get(end(edge))):
                other = others.pop(0)
                twins[name], twins[other] = other, name
    return twins


def _pins(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield Change(what="removed", part="pin", id=name, before=old[name], absent="after")
        elif name not in old:
            yield Change(what="added", part="pin", id=name, after=new[name], absent="before")
        elif not same(old[name], new[name]):
            yield Change(what="changed", part="pin", id=name, before=old[name], after=new[name])
