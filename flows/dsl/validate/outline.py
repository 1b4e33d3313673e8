"""The parts of a document that have their shape, each with its place, whatever is wrong with the others.

Validation goes on with what can be read: a node with one bad field is read without that field, so
that its other problems and its neighbours' are told at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from flows.dsl.catalogue import Catalogue, NodeType
from flows.dsl.configs import Misfit, misfits
from flows.dsl.document import Case, Document, Edge, Node, Note, Settings
from flows.dsl.fields import FieldRules
from flows.dsl.phrases import misfit_problem
from flows.dsl.problem import Problem, pointer, problem
from flows.security.safejson import Json

ERROR: Final = "error"
COMPENSATE: Final = "compensate"
MAX_CONTAINERS: Final = 16

_LISTS: Final = {"nodes": Node, "edges": Edge, "notes": Note, "tests": Case}
_CODES: Final = {"missing": "missing_field", "extra_forbidden": "unknown_field"}

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Placed:
    """A node, where it stands, its type and the ports a success may leave from."""

    node: Node
    index: int
    type: NodeType | None
    ports: tuple[str, ...] | None

    @property
    def id(self) -> str:
        return self.node.id

    def path(self, *parts: str | int) -> str:
        return pointer("nodes", self.index, *parts)


@dataclass(slots=True)
class Outline:
    """What could be read of a document."""

    raw: Mapping[str, Any]
    nodes: dict[str, Placed] = field(default_factory=dict)
    """By id; where an id is used twice, the first."""
    named: set[str] = field(default_factory=set)
    """Every id that is written on a node, readable or not."""
    edges: list[tuple[int, Edge]] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    notes: list[tuple[int, Note]] = field(default_factory=list)
    tests: list[tuple[int, Case]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def around(self, placed: Placed) -> Iterator[Placed]:
        """A node, then the containers it lies in, from the innermost; no more than there may be."""
        here: Placed | None = placed
        for _ in range(MAX_CONTAINERS + 1):
            if here is None:
                return
            yield here
            here = self.nodes.get(here.node.parent) if here.node.parent is not None else None


def outline(raw: Mapping[str, Any], catalogue: Catalogue) -> Outline:
    """Read what can be read; what can't is in its problems."""
    found = Outline(raw)
    bare = {key: value for key, value in raw.items() if key not in _LISTS and key != "settings"}
    for misfit in misfits(Document, bare, FRAME):
        found.problems.append(shape_problem(misfit, ""))
    if "settings" in raw:
        found.settings = _salvage(Settings, raw["settings"], "/settings", None, found) or Settings()
    for index, node in _parts("nodes", Node, raw, found):
        _place_node(found, index, node, catalogue)
    found.edges = _parts("edges", Edge, raw, found)
    found.notes = _parts("notes", Note, raw, found)
    found.tests = _parts("tests", Case, raw, found)
    return found


def _parts(name: str, model: type[M], raw: Mapping[str, Any], found: Outline) -> list[tuple[int, M]]:
    listed = raw.get(name, [])
    if not isinstance(listed, list):
        found.problems.append(problem("bad_field", path=pointer(name), field=name, reason="it must be a list"))
        return []
    parts: list[tuple[int, M]] = []
    for index, item in enumerate(listed):
        written = item.get("id") if isinstance(item, dict) and model is Node else None
        if isinstance(written, str):
            found.named.add(written)
        part = _salvage(model, item, pointer(name, index), written if isinstance(written, str) else None, found)
        if part is not None:
            parts.append((index, part))
    return parts


def _salvage(model: type[M], raw: Any, path: str, node: str | None, found: Outline) -> M | None:
    """The part, without the fields that do not fit; None where it can't do without them."""
    try:
        return model.model_validate(raw)
    except ValidationError:
        wrong = misfits(model, raw, FRAME)
    found.problems += [shape_problem(misfit, path, node) for misfit in wrong]
    bad = {misfit.path.split("/")[1] for misfit in wrong if misfit.path}
    rest = {key: value for key, value in raw.items() if key not in bad} if isinstance(raw, dict) else None
    return None if rest is None or misfits(model, rest, FRAME) else model.model_validate(rest)


class _Everything(frozenset[str]):
    """Every field's name."""

    def __contains__(self, _: object) -> bool:
        return True


# The frame of a document holds no expressions: where one stands in place of a duration, say, it is a
# text that is none.
FRAME: Final = FieldRules(verbatim=_Everything())


def shape_problem(misfit: Misfit, path: str, node: str | None = None) -> Problem:
    """The problem of a value that does not fit the frame of a document."""
    if misfit.path == "/id" and isinstance(misfit.value, str):
        return problem("bad_id", path=path + misfit.path, node=node, id=misfit.value[:80])
    return misfit_problem(_CODES.get(misfit.kind, "bad_field"), misfit, path, node)


def _place_node(found: Outline, index: int, node: Node, catalogue: Catalogue) -> None:
    if node.id in found.nodes:
        found.problems.append(problem("duplicate_id", path=pointer("nodes", index, "id"), node=node.id, id=node.id))
        return
    node_type = catalogue.get(node.type)
    found.nodes[node.id] = Placed(node, index, node_type, _ports(node, node_type))


def _ports(node: Node, node_type: NodeType | None) -> tuple[str, ...] | None:
    """The ports of a success; None where they can't be known because the type isn't."""
    if node_type is None:
        return None
    if node.each is not None:
        return ("out",)
    config: dict[str, Json] = node.config
    return tuple(node_type.ports(config))
