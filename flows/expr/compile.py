"""Configs compiled once per version into values that resolve against a run's roots.

A value without expressions costs nothing to resolve. Closed forms resolve here, in microseconds;
the rest goes to the sandbox, all of one step in one round trip. A value that merely contains `{{`
after resolution is data: nothing is ever evaluated twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from flows.expr import script
from flows.expr.closed import Closure, Scope, close
from flows.expr.errors import BadExpression, ExprError, ExpressionFailed, NeedsSandbox, ValueTooLarge
from flows.expr.evaluate import Moment, OpenExpression, evaluate, evaluate_rows
from flows.expr.paths import follow, static_path
from flows.expr.references import Reference, plain_path, read_referring
from flows.expr.results import MAX_VALUE, admit
from flows.expr.sandbox import Sandbox, SandboxMissing
from flows.expr.template import Source, has_expression, parse
from flows.security.safejson import Json, dumps

Roots: TypeAlias = Mapping[str, Json]
_Build: TypeAlias = Callable[[Scope, Sequence[Json]], Json]

_MANY: Final = 8  # values up to this many may be put together without measuring the whole


class Compiled:
    """A compiled config: immutable, shared by all runs of a version."""

    __slots__ = (
        "_build", "_constant", "_is_many", "_opens", "_per_item",
        "is_closed", "is_constant", "nodes", "reads", "references",
    )  # fmt: skip

    def __init__(
        self, constant: Json, build: _Build | None, found: "_Found", per_item: tuple["_PerItem", ...] = ()
    ) -> None:
        self._constant = constant
        self._build = build
        self._opens = tuple(found.opens)
        self._is_many = found.count > _MANY
        self._per_item = per_item
        self.is_constant: bool = build is None and not per_item
        """Whether it holds no expression: `resolve` gives the very value it was compiled from."""
        self.is_closed: bool = not found.opens and all(one.value.is_closed for one in per_item)
        """Whether no sandbox is needed."""
        self.references: tuple[Reference, ...] = (
            *found.references,
            *(inner for one in per_item for inner in one.value.references),
        )
        """Every path its expressions name."""
        self.reads: frozenset[str] = frozenset(one.path.root for one in self.references)
        """The roots it looks at."""
        self.nodes: frozenset[str] = frozenset(one.path.node for one in self.references if one.path.node is not None)
        """The nodes whose outputs `roots["nodes"]` must hold."""

    def resolve(self, roots: Roots) -> Json:
        """The value, without a sandbox. Raises ExprError; NeedsSandbox unless `is_closed`."""
        if self.is_constant:
            return self._constant
        if not self.is_closed:
            raise NeedsSandbox(expression="An expression")
        value = self._built(Scope(roots), ())
        return self._joined(value, [one.value.resolve_all(one.items_of(value), roots) for one in self._per_item])

    def resolve_all(self, items: Sequence[Json], roots: Roots) -> list[Json]:
        """The value once per item, with `item` and `index` bound, without a sandbox."""
        return [self._built(scope, ()) for scope in _scopes(items, roots)]

    async def resolve_with(self, roots: Roots, sandbox: Sandbox | None, *, clock: int, seed: int) -> Json:
        """The value, with one round trip at most; `clock` in microseconds since the epoch.

        Raises ExprError, SandboxMissing or SandboxCrashed.
        """
        if self.is_closed:
            return self.resolve(roots)
        scope, moment = Scope(roots), Moment(clock, seed)
        results = await evaluate(self._opens, scope, _there(sandbox), moment) if self._opens else ()
        value = self._built(scope, results)
        lists = [await one.value.resolve_each(one.items_of(value), roots, sandbox, moment) for one in self._per_item]
        return self._joined(value, lists)

    async def resolve_each(
        self, items: Sequence[Json], roots: Roots, sandbox: Sandbox | None, moment: Moment
    ) -> list[Json]:
        """The value once per item, with `item` and `index` bound; thousands of items a round trip."""
        if not self._opens:
            return self.resolve_all(items, roots)
        scopes = _scopes(items, roots)
        rows = await evaluate_rows(self._opens, scopes, _there(sandbox), moment)
        return [self._built(scope, row) for scope, row in zip(scopes, rows, strict=True)]

    def _built(self, scope: Scope, results: Sequence[Json]) -> Json:
        if self._build is None:
            return self._constant
        value = self._build(scope, results)
        return admit(value, "This config") if self._is_many else value

    def _joined(self, value: Json, lists: Sequence[list[Json]]) -> Json:
        if not isinstance(value, dict) or not self._per_item:
            return value
        return value | {one.field: made for one, made in zip(self._per_item, lists, strict=True)}


@dataclass(frozen=True, slots=True)
class _PerItem:
    """A field resolved once per item of the field named `items` beside it."""

    field: str
    items: str
    value: Compiled

    def items_of(self, config: Json) -> list[Json]:
        items = config.get(self.items) if isinstance(config, dict) else None
        if not isinstance(items, list):
            raise ExpressionFailed.at(f"/{self.items}", expression=self.items, reason="it must be a list")
        return items


def _scopes(items: Sequence[Json], roots: Roots) -> list[Scope]:
    return [Scope({**roots, "item": item, "index": index}) for index, item in enumerate(items)]


def _there(sandbox: Sandbox | None) -> Sandbox:
    if sandbox is None:
        raise SandboxMissing(reason="this process has none")
    return sandbox


class _Found:
    """What compiling a value gathers on its way."""

    def __init__(self) -> None:
        self.opens: list[OpenExpression] = []
        self.references: list[Reference] = []
        self.count = 0


def compile_value(
    config: Json, verbatim: frozenset[str] = frozenset(), per_item: Mapping[str, str] | None = None
) -> Compiled:
    """Compile a config.

    `verbatim` names its top-level fields that hold no expressions; `per_item` those resolved to a
    list, one value for each item of the field they are mapped to. Raises BadExpression, with `where`
    (a JSON Pointer), for the first expression that is none.
    """
    if not isinstance(config, dict):
        found = _Found()
        return Compiled(config, _compile(config, "", found), found)
    each = tuple(
        _PerItem(field, items, _compile_field(config[field], f"/{escape(field)}"))
        for field, items in (per_item or {}).items()
        if field in config
    )
    found = _Found()
    build = _fields(config, "", found, verbatim | {one.field for one in each})
    return Compiled(config, build, found, each)


def _compile_field(value: Json, where: str) -> Compiled:
    found = _Found()
    return Compiled(value, _compile(value, where, found), found)


def _compile(value: Json, where: str, found: _Found) -> _Build | None:
    """How to build a value; None where it holds no expression and stands for itself."""
    if isinstance(value, dict):
        return _fields(value, where, found)
    if isinstance(value, list):
        return _items(value, where, found)
    if isinstance(value, str) and has_expression(value):
        try:
            return _text(value, where, found)
        except BadExpression as error:
            error.where = where
            raise
    return None


def _fields(value: dict[str, Json], where: str, found: _Found, verbatim: frozenset[str] = frozenset()) -> _Build | None:
    compiled = {
        key: _compile(inner, f"{where}/{escape(key)}", found) for key, inner in value.items() if key not in verbatim
    }
    builds = [(key, build) for key, build in compiled.items() if build is not None]
    if not builds:
        return None

    def build_object(scope: Scope, results: Sequence[Json]) -> Json:
        made = value.copy()
        for key, build in builds:
            made[key] = build(scope, results)
        return made

    return build_object


def _items(value: list[Json], where: str, found: _Found) -> _Build | None:
    compiled = [_compile(inner, f"{where}/{index}", found) for index, inner in enumerate(value)]
    builds = [(index, build) for index, build in enumerate(compiled) if build is not None]
    if not builds:
        return None

    def build_list(scope: Scope, results: Sequence[Json]) -> Json:
        made = value.copy()
        for index, build in builds:
            made[index] = build(scope, results)
        return made

    return build_list


def _text(value: str, where: str, found: _Found) -> _Build:
    template = parse(value)
    single = template.single
    if single is not None:
        return _expression(single, where, found)
    parts = [piece if isinstance(piece, str) else _expression(piece, where, found) for piece in template.pieces]

    def build_text(scope: Scope, results: Sequence[Json]) -> Json:
        texts = [part if isinstance(part, str) else as_text(part(scope, results)) for part in parts]
        if sum(map(len, texts)) > MAX_VALUE:
            raise ValueTooLarge(expression=value[:80], limit=MAX_VALUE)
        return "".join(texts)

    return build_text


def as_text(value: Json) -> str:
    """A value inside a longer text: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else dumps(value)


def _expression(source: Source, where: str, found: _Found) -> _Build:
    path = plain_path(source.text)
    if path is not None:
        text, look = source.text.strip(), follow(path.root, path.keys)
        found.count += 1
        found.references.append(Reference(path, where, text, source.start))
        return _closed(lambda scope: look(scope.roots), text, where, is_path=True)
    try:
        expression, references = read_referring(source, where)
    except BadExpression as error:
        error.offset += source.start
        raise
    found.count += 1
    found.references += references
    closure = close(expression.tree)
    if closure is not None:
        is_path = static_path(expression.tree) is not None
        return _closed(closure, expression.text, where, is_path=is_path)
    number = len(found.opens)
    rewritten = script.open_form(expression, f"_e{number}_")
    found.opens.append(OpenExpression(expression.text, where, rewritten.line, rewritten.values))
    return lambda scope, results: results[number]


def _closed(closure: Closure, text: str, where: str, *, is_path: bool) -> _Build:
    def build(scope: Scope, results: Sequence[Json]) -> Json:
        try:
            value: Any = closure(scope)
            # What stands at a path is JSON already; what an operator made is looked at first.
            return value if is_path or value is True or value is False else admit(value, text)
        except ValueTooLarge as error:
            raise ValueTooLarge.at(where, **{**error.fields, "expression": text}) from None
        except ExprError as error:
            error.where = error.where or where
            raise
        except (TypeError, ArithmeticError, ValueError, RecursionError) as error:
            raise ExpressionFailed.at(where, expression=text, reason=str(error)) from None

    return build


def escape(key: str) -> str:
    """A key as a part of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
