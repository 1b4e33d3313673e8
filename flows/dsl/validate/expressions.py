"""Expressions: whether they are ones, and whether what they read can be known where they stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel

from flows.dsl.fields import FieldRules, field_rules
from flows.dsl.labels import label_of
from flows.dsl.problem import KINDS, Problem, Suggestions, pointer, problem
from flows.dsl.validate.outline import Outline, Placed
from flows.dsl.validate.scheme import Scheme
from flows.expr.compile import compile_value
from flows.expr.errors import BadExpression
from flows.expr.paths import Path
from flows.expr.references import paths_in
from flows.expr.template import has_expression
from flows.security.safejson import Json

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "run": ("id", "number", "attempt", "started_at"),
    "flow": ("id", "name", "version"),
    "lock": ("name", "token"),
}
_PER_TURN: Final = {
    "flow.for_each": frozenset({"item", "index"}),
    "flow.while": frozenset({"index", "last"}),
    "flow.lock": frozenset({"lock"}),
}
_ITEM: Final = frozenset({"item", "index"})
_TURNS: Final = frozenset({"item", "index", "last"})
_NONE: Final[frozenset[str]] = frozenset()
_BEFORE_A_RUN: Final = frozenset({"input", "vars"})


@dataclass(frozen=True, slots=True)
class _Text:
    """A string with expressions, where it stands in the document, and the roots of turns it may read; `config`: the
    model of the config it stands in, if it does."""

    text: str
    place: tuple[str | int, ...]
    turns: frozenset[str]
    config: type[BaseModel] | None = None

    @property
    def path(self) -> str:
        return pointer(*self.place)

    @property
    def field(self) -> str:
        """The field in words: as the form calls it in a config, else by its keys: `each.items`."""
        is_in_config = self.place[2:3] == ("config",)
        if is_in_config and self.config is not None:
            return label_of(self.config, self.place[3:])
        inner = self.place[3 if is_in_config else 2 :] if self.place[0] == "nodes" else self.place[1:]
        return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in inner).lstrip(".")


def check_expressions(found: Outline, drawn: Scheme) -> Iterator[Problem]:
    """Every expression of every node, and the key of the flow's concurrency."""
    reader = _Reader(found, drawn)
    for placed in found.nodes.values():
        for text in _texts(found, placed):
            yield from reader.check(placed, text)
    concurrency = found.settings.concurrency
    if concurrency is not None and has_expression(concurrency.key):
        yield from reader.check_key(concurrency.key)


def _texts(found: Outline, placed: Placed) -> Iterator[_Text]:
    node = placed.node
    model = placed.type.config if placed.type is not None else None
    rules = field_rules(model) if model is not None else FieldRules()
    around = _turns_around(found, placed)
    inside = around | _ITEM if node.each is not None else around
    if node.type == "flow.while":
        inside = inside | _PER_TURN["flow.while"]
    for key, value in node.config.items():
        if key not in rules.verbatim:
            turns = inside | _ITEM if key in (rules.per_item or {}) else inside
            for text in _strings(value, ("nodes", placed.index, "config", key), turns):
                yield replace(text, config=model)
    if node.each is not None:
        yield from _strings(node.each.items, ("nodes", placed.index, "each", "items"), around)


def _turns_around(found: Outline, placed: Placed) -> frozenset[str]:
    """The roots that the containers around a node give it."""
    turns = _NONE
    for outer in list(found.around(placed))[1:]:
        turns = turns | _PER_TURN.get(outer.node.type, _NONE)
    return turns


def _strings(value: Json, place: tuple[str | int, ...], turns: frozenset[str]) -> Iterator[_Text]:
    if isinstance(value, str):
        if has_expression(value):
            yield _Text(value, place, turns)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, (*place, key), turns)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, (*place, index), turns)


class _Reader:
    """Knows the whole document, and judges what one text reads."""

    def __init__(self, found: Outline, drawn: Scheme) -> None:
        self._found = found
        self._drawn = drawn
        self._near = Suggestions(found.nodes)

    def check(self, placed: Placed, text: _Text) -> Iterator[Problem]:
        try:
            paths = paths_in(text.text)
        except BadExpression as error:
            yield _bad(error, placed.id, text)
            return
        for path in paths:
            yield from self._check_path(placed, text, path)

    def check_key(self, key: str) -> Iterator[Problem]:
        text = _Text(key, ("settings", "concurrency", "key"), _NONE)
        try:
            paths = paths_in(key)
        except BadExpression as error:
            yield _bad(error, None, text)
            return
        for path in paths:
            if path.root not in _BEFORE_A_RUN:
                yield problem("no_root_here", path=text.path, field=text.field, root=path.root)
        if not compile_value(key).is_closed:
            yield problem("key_calls", path=text.path, field=text.field)

    def _check_path(self, placed: Placed, text: _Text, path: Path) -> Iterator[Problem]:
        if path.root in ("input", "now") or (path.root in _TURNS and path.root in text.turns):
            return
        if path.root == "nodes":
            yield from self._check_node(placed, text, path)
            return
        where: dict[str, Any] = {"path": text.path, "node": placed.id}
        match path.root:
            case "item" | "index":
                yield problem("outside_each", **where, field=text.field, root=path.root)
            case "last":
                yield problem("outside_while", **where, field=text.field)
            case "lock" if "lock" not in text.turns:
                yield problem("outside_lock", **where, field=text.field)
            case "run" | "flow" | "lock" if path.keys and path.keys[0] not in _KEYS[path.root]:
                yield _unknown_key(where, text, path, ", ".join(_KEYS[path.root]))
            case "vars" if path.keys and path.keys[0] not in self._found.settings.vars:
                yield _unknown_key(where, text, path, ", ".join(self._found.settings.vars) or "none")

    def _check_node(self, placed: Placed, text: _Text, path: Path) -> Iterator[Problem]:
        other_id = path.node or ""
        named = f"nodes.{other_id}"
        other = self._found.nodes.get(other_id)
        if other is None:
            if other_id not in self._found.named:
                yield self._unknown(placed, text, named, other_id)
        elif not self._is_known(placed, other):
            container = self._container_between(placed, other)
            if container is not None:
                yield problem(
                    "inside_container", path=text.path, node=placed.id, field=text.field, shown=named, other=other_id,
                    container=container,
                )  # fmt: skip
            else:
                yield problem(
                    "not_upstream", path=text.path, node=placed.id, field=text.field, shown=named, other=other_id
                )

    def _unknown(self, placed: Placed, text: _Text, named: str, other_id: str) -> Problem:
        suggestion = self._near.near(other_id)
        if suggestion is None:
            return problem("unknown_reference", path=text.path, node=placed.id, field=text.field, shown=named)
        return problem(
            "unknown_reference_near", path=text.path, node=placed.id, field=text.field, shown=named, near=suggestion
        )

    def _is_known(self, placed: Placed, other: Placed) -> bool:
        """Whether the other node is decided before this one runs, in every run."""
        ancestors = self._drawn.ancestors
        for here in self._found.around(placed):
            if here.node.parent != other.node.parent:
                continue
            if ancestors.comes_before(other.id, here.id) or here.id not in ancestors.ordered:
                return True
            owner = self._drawn.undo_of.get(self._drawn.undo_region.get(here.id, ""))
            if owner is not None and (owner == other.id or ancestors.comes_before(other.id, owner)):
                return True
        return False

    def _container_between(self, placed: Placed, other: Placed) -> str | None:
        """The container that hides the other node from this one, if it is a wall that does."""
        mine = {here.id for here in self._found.around(placed)}
        outer = [here.id for here in self._found.around(other)][1:]
        hidden = [container for container in outer if container not in mine]
        return hidden[-1] if hidden else None


def _bad(error: BadExpression, node: str | None, text: _Text) -> Problem:
    template, hint = KINDS[error.code]
    return Problem(
        code=error.code,
        node=node,
        path=text.path,
        template=template,
        params={"field": text.field, "reason": error.fields["reason"]},
        hint=error.hint or hint,
    )


def _unknown_key(where: dict[str, Any], text: _Text, path: Path, known: str) -> Problem:
    return problem("unknown_key", **where, field=text.field, shown=str(Path(path.root, path.keys[:1])), known=known)
