"""What changed between two documents: nodes, edges, settings, notes, tests and pins, field by field, in words.

Nodes are matched by id, edges by their ends and port, tests by name. A new place alone is a move.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from flows.dsl.canonical import plain
from flows.dsl.document import Document
from flows.dsl.problem import pointer
from flows.security.safejson import Json

What: TypeAlias = Literal["added", "removed", "changed", "moved"]
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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `id` is a node's or note's id, `from.port>to` of an edge, a test's name; `path` is a
    JSON Pointer into that part, empty where the whole of it came or went. Where a side has nothing, it is None.
    """

    what: What
    part: Part
    id: str
    path: str = ""
    before: Json = None
    after: Json = None

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


def diff(before: Document, after: Document) -> list[Change]:
    """The changes that lead from one document to the other, in the order of the parts of a document."""
    old, new = plain(before), plain(after)
    changes = [
        Change(what="changed", part="flow", id="", path=f"/{field}", before=old.get(field), after=new.get(field))
        for field in ("name", "description")
        if old.get(field) != new.get(field)
    ]
    if old.get("inputs") != new.get("inputs"):
        changes.append(Change(what="changed", part="inputs", id="", before=old.get("inputs"), after=new.get("inputs")))
    changes += _inside("settings", "", _object(old.get("settings")), _object(new.get("settings")))
    changes += _listed("node", _by(old, "nodes", "id"), _by(new, "nodes", "id"))
    changes += _edges(old, new)
    changes += _listed("note", _by(old, "notes", "id"), _by(new, "notes", "id"))
    changes += _listed("test", _by(old, "tests", "name"), _by(new, "tests", "name"))
    changes += _pins(_object(old.get("pins")), _object(new.get("pins")))
    return changes


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _by(document: Mapping[str, Any], part: str, key: str) -> dict[str, dict[str, Any]]:
    return {item[key]: item for item in document.get(part, [])}


def _listed(part: Part, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> Iterator[Change]:
    for name, item in old.items():
        if name not in new:
            yield Change(what="removed", part=part, id=name, before=item)
    for name, item in new.items():
        if name not in old:
            yield Change(what="added", part=part, id=name, after=item)
            continue
        earlier = old[name]
        if part in ("node", "note") and earlier.get("position") != item.get("position"):
            yield Change(
                what="moved", part=part, id=name, path="/position",
                before=earlier.get("position"), after=item.get("position"),
            )  # fmt: skip
        yield from _inside(part, name, {**earlier, "position": None}, {**item, "position": None})


def _inside(part: Part, name: str, old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """The smallest fields that differ: objects are looked into, lists are one value."""
    if old == new and _same_kinds(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _inside(part, name, old.get(key), new.get(key), path + pointer(key))
        return
    yield Change(what="changed", part=part, id=name, path=path, before=old, after=new)


def _same_kinds(old: Any, new: Any) -> bool:
    """`1 == true` in Python, but not in JSON."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_same_kinds(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return all(map(_same_kinds, old, new))
    return isinstance(old, bool) == isinstance(new, bool)


def _edges(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = ({_edge(item): item for item in side.get("edges", [])} for side in (old, new))
    for name in [one for one in before if one not in after]:
        yield Change(what="removed", part="edge", id=name, before=before[name])
    for name in [one for one in after if one not in before]:
        yield Change(what="added", part="edge", id=name, after=after[name])


def _edge(edge: Mapping[str, Any]) -> str:
    return f"{edge['from']}.{edge.get('port', 'out')}>{edge['to']}"


def _pins(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield Change(what="removed", part="pin", id=name, before=old[name])
        elif name not in old:
            yield Change(what="added", part="pin", id=name, after=new[name])
        elif old[name] != new[name]:
            yield Change(what="changed", part="pin", id=name, before=old[name], after=new[name])
