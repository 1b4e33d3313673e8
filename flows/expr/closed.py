"""The first tier: closed forms as closures over JSON values.

Paths, constants, comparisons, `and or not in`, arithmetic, concatenation, lists and objects written
out, `x if c else y`. No calls, no loops, no `**`, no shifts, no attributes of objects; what is made
new is counted against a budget. Nothing here can reach anything but the values handed in.
"""

import ast
import operator
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from flows.expr.errors import ValueTooLarge
from flows.expr.names import CONSTANTS
from flows.expr.paths import Roots, follow, static_path, step

BUDGET: Final = 16 * 2**20
_ITEM: Final = 8  # bytes a place in a list costs
_SMALL: Final = 256  # results below this cost nothing: the number of operators bounds them


class Scope:
    """The roots of one evaluation, and how many bytes it has made so far."""

    __slots__ = ("roots", "spent")

    def __init__(self, roots: Roots) -> None:
        self.roots = roots
        self.spent = 0

    def spend(self, size: int) -> None:
        """Count bytes about to be made. Raises ValueTooLarge beyond the budget."""
        self.spent += size
        if self.spent > BUDGET:
            raise ValueTooLarge(expression="It", limit=BUDGET)


Closure: TypeAlias = Callable[[Scope], Any]

_PLAIN: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Sub: operator.sub,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_UNARY: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, box: item in box,
    ast.NotIn: lambda item, box: item not in box,
}


def close(node: ast.expr, is_local: Callable[[str], bool] = lambda _: False) -> Closure | None:
    """The closure of a closed form, None where the expression is more than that."""
    return _Closer(is_local).close(node)


class _Closer:
    def __init__(self, is_local: Callable[[str], bool]) -> None:
        self._is_local = is_local

    def close(self, node: ast.expr) -> Closure | None:  # noqa: C901, PLR0911 - one case per kind of node
        path = static_path(node, self._is_local)
        if path is not None:
            look = follow(path.root, path.keys)
            return lambda scope: look(scope.roots)
        match node:
            case ast.Constant(value=value):
                return lambda scope: value
            case ast.Name(id=name) if name in CONSTANTS and not self._is_local(name):
                constant = CONSTANTS[name]
                return lambda scope: constant
            case ast.Attribute(value=inner, attr=key):
                return self._step(inner, ast.Constant(key))
            case ast.Subscript(value=inner, slice=index) if not isinstance(index, ast.Slice):
                return self._step(inner, index)
            case ast.BoolOp(op=op, values=values):
                return self._bool(isinstance(op, ast.And), values)
            case ast.UnaryOp(op=unary, operand=operand) if type(unary) in _UNARY:
                return self._unary(_UNARY[type(unary)], operand)
            case ast.BinOp(left=left, op=binary, right=right):
                return self._binary(type(binary), left, right)
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._choice(test, body, orelse)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return self._sequence(list if isinstance(node, ast.List) else tuple, items)
            case ast.Dict(keys=keys, values=values):
                return self._object(keys, values)
        return None

    def _all(self, nodes: list[ast.expr]) -> list[Closure] | None:
        closures = [self.close(node) for node in nodes]
        return None if any(one is None for one in closures) else [one for one in closures if one is not None]

    def _step(self, inner: ast.expr, index: ast.expr) -> Closure | None:
        parts = self._all([inner, index])
        if parts is None:
            return None
        value, key = parts
        path = ast.unparse(inner) if isinstance(inner, ast.Name | ast.Attribute) else "the value"
        return lambda scope: step(value(scope), key(scope), path)

    def _bool(self, is_and: bool, nodes: list[ast.expr]) -> Closure | None:
        parts = self._all(nodes)
        if parts is None:
            return None
        *first, last = parts

        def both(scope: Scope) -> Any:
            for part in first:
                value = part(scope)
                if not value:
                    return value
            return last(scope)

        def either(scope: Scope) -> Any:
            for part in first:
                value = part(scope)
                if value:
                    return value
            return last(scope)

        return both if is_and else either

    def _unary(self, apply: Callable[[Any], Any], node: ast.expr) -> Closure | None:
        operand = self.close(node)
        return None if operand is None else lambda scope: apply(operand(scope))

    def _binary(self, kind: type[ast.operator], left: ast.expr, right: ast.expr) -> Closure | None:
        parts = self._all([left, right])
        if parts is None:
            return None
        one, two = parts
        if kind in _PLAIN:
            apply = _PLAIN[kind]
            return lambda scope: apply(one(scope), two(scope))
        if kind is ast.Add:
            return lambda scope: _add(one(scope), two(scope), scope)
        if kind is ast.Mult:
            return lambda scope: _multiply(one(scope), two(scope), scope)
        if kind is ast.Mod:
            return lambda scope: _modulo(one(scope), two(scope))
        return None

    def _compare(self, node: ast.Compare) -> Closure | None:
        parts = self._all([node.left, *node.comparators])
        if parts is None:
            return None
        tests = [_COMPARE[type(op)] for op in node.ops]
        first, *others = parts
        if len(tests) == 1:
            test, second = tests[0], others[0]
            return lambda scope: test(first(scope), second(scope))

        def chain(scope: Scope) -> Any:
            left = first(scope)
            held = True
            for test, other in zip(tests, others, strict=True):
                right = other(scope)
                held = test(left, right)
                if not held:
                    return held
                left = right
            return held

        return chain

    def _choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> Closure | None:
        parts = self._all([test, body, orelse])
        if parts is None:
            return None
        condition, yes, no = parts
        return lambda scope: yes(scope) if condition(scope) else no(scope)

    def _sequence(self, make: type[list[Any]] | type[tuple[Any, ...]], nodes: list[ast.expr]) -> Closure | None:
        parts = self._all(nodes)
        return None if parts is None else lambda scope: make([part(scope) for part in parts])

    def _object(self, keys: list[ast.expr | None], nodes: list[ast.expr]) -> Closure | None:
        names = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
        parts = self._all(nodes)
        if parts is None or len(names) != len(keys):
            return None
        pairs = list(zip(names, parts, strict=True))
        return lambda scope: {name: part(scope) for name, part in pairs}


def _add(left: Any, right: Any, scope: Scope) -> Any:
    if isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
        _count(scope, len(left) + len(right), left)
    return left + right


def _multiply(left: Any, right: Any, scope: Scope) -> Any:
    if isinstance(left, str | list | tuple) and isinstance(right, int):
        _count(scope, len(left) * max(0, right), left)
    elif isinstance(right, str | list | tuple) and isinstance(left, int):
        _count(scope, len(right) * max(0, left), right)
    return left * right


def _count(scope: Scope, length: int, like: Any) -> None:
    size = length if isinstance(like, str) else length * _ITEM
    if size > _SMALL:
        scope.spend(size)


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        raise TypeError("% is for numbers; put {{ }} into text instead")
    return left % right
