"""The second tier: an expression rewritten as a line of Python for the sandbox.

Its closed parts are taken out and evaluated here, so that only the values it reads travel; dotted
access becomes a lookup of a key; `true false null` become Python's. Everything is put in brackets,
so that the tree read here is the tree run there.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flows.expr.closed import Closure, close
from flows.expr.names import CONSTANTS
from flows.expr.syntax import Expression, Names

_BASE: Final = """import json as _json
def _plain(v):
    if type(v) in (str, int, float, bool, list, dict):
        return v
    name = type(v).__name__
    return list(v) if name.startswith("dict_") or name == "range" else v
"""

_GET: Final = """def _known(v):
    if isinstance(v, dict):
        names = [str(k) for k in list(v)[:20]]
        if not names:
            return "the object has no keys"
        return "the keys are " + ", ".join(names) + (", …" if len(v) > 20 else "")
    if isinstance(v, (list, tuple)):
        return "the list has " + str(len(v)) + (" item" if len(v) == 1 else " items")
    if isinstance(v, str):
        return "the text has " + str(len(v)) + " characters and no keys"
    return str(v)[:40] + " has no keys"
def _get(v, k, path):
    if v is None:
        return None
    if isinstance(v, dict):
        if isinstance(k, (str, int, float, bool)) and k in v:
            return v[k]
    elif isinstance(v, (list, tuple, str)) and isinstance(k, int) and not isinstance(k, bool):
        if -len(v) <= k < len(v):
            return v[k]
    where = path + "." + k if isinstance(k, str) and k.isidentifier() else path + "[" + repr(k) + "]"
    raise LookupError("missing:" + _json.dumps([where, _known(v)]))
"""

_MOD: Final = """def _mod(a, b):
    if isinstance(a, str):
        raise TypeError("% is for numbers; put {{ }} into text instead")
    return a % b
"""


def prelude(lines: Iterable[str]) -> str:
    """The helpers these lines call; the same rules as `flows.expr.paths` and `flows.expr.closed`."""
    text = "".join(lines)
    return _BASE + (_GET if "_get(" in text else "") + (_MOD if "_mod(" in text else "")


@dataclass(frozen=True, slots=True)
class Open:
    """An expression for the sandbox: its line, and what to pass in under which name."""

    line: str
    values: dict[str, Closure]


def open_form(expression: Expression, prefix: str) -> Open:
    """Rewrite an expression; the names of its values start with `prefix`."""
    writer = Writer(prefix)
    return Open(writer.write(expression.tree), writer.values)


_BINARY: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
}  # fmt: skip
_UNARY: Final[dict[type[ast.unaryop], str]] = {ast.Not: "not ", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}
_COMPARE: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


class Writer(Names):
    """Writes a checked tree back as text, one line, everything in brackets."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix
        self.values: dict[str, Closure] = {}

    def write(self, node: ast.expr) -> str:
        """A node as text; what can be evaluated here becomes a name for its value."""
        closure = self.taken_out(node)
        if closure is None:
            return self._write(node)
        name = f"{self._prefix}{len(self.values)}"
        self.values[name] = closure
        return name

    def taken_out(self, node: ast.expr) -> Closure | None:
        """How a part is evaluated outside the sandbox; None where it is not."""
        return None if isinstance(node, ast.Constant) else close(node, self.is_local)

    def _write(self, node: ast.expr) -> str:  # noqa: C901, PLR0911, PLR0912 - one case per kind of node
        match node:
            case ast.Constant(value=value):
                return f"({value!r})"
            case ast.Name(id=name):
                return repr(CONSTANTS[name]) if name in CONSTANTS and not self.is_local(name) else name
            case ast.Attribute(value=value, attr=key):
                return self._lookup(value, repr(key))
            case ast.Subscript(value=value, slice=ast.Slice() as cut):
                return f"{self.write(value)}[{self._slice(cut)}]"
            case ast.Subscript(value=value, slice=index):
                return self._lookup(value, self.write(index))
            case ast.Call():
                return self._call(node)
            case ast.BoolOp(op=op, values=values):
                word = " and " if isinstance(op, ast.And) else " or "
                return f"({word.join(map(self.write, values))})"
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return f"_mod({self.write(left)}, {self.write(right)})"
            case ast.BinOp(left=left, op=op, right=right):
                return f"({self.write(left)} {_BINARY[type(op)]} {self.write(right)})"
            case ast.UnaryOp(op=op, operand=operand):
                return f"({_UNARY[type(op)]}{self.write(operand)})"
            case ast.Compare(left=left, ops=ops, comparators=others):
                rest = (f" {_COMPARE[type(op)]} {self.write(one)}" for op, one in zip(ops, others, strict=True))
                return f"({self.write(left)}{''.join(rest)})"
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return f"({self.write(body)} if {self.write(test)} else {self.write(orelse)})"
            case _:
                return self._display(node)

    def _display(self, node: ast.expr) -> str:  # noqa: PLR0911 - one case per kind of node
        match node:
            case ast.List(elts=items):
                return f"[{', '.join(map(self.write, items))}]"
            case ast.Tuple(elts=items):
                return f"({''.join(self.write(item) + ', ' for item in items)})"
            case ast.Set(elts=items):
                return f"{{{', '.join(map(self.write, items))}}}"
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                return f"{{{', '.join(self._pair(key, value) for key, value in pairs)}}}"
            case ast.Starred(value=value):
                return f"*{self.write(value)}"
            case ast.JoinedStr(values=parts):
                return f"''.join([{', '.join(map(self._part, parts))}])"
            case ast.Lambda():
                return self._lambda(node)
            case ast.ListComp():
                return f"[{self._comprehend(node)}]"
            case ast.GeneratorExp():
                return f"({self._comprehend(node)})"
            case ast.SetComp() | ast.DictComp():
                return f"{{{self._comprehend(node)}}}"
        raise AssertionError(node)

    def _lookup(self, value: ast.expr, key: str) -> str:
        shown = ast.unparse(value) if isinstance(value, ast.Name | ast.Attribute | ast.Subscript) else "the value"
        return f"_get({self.write(value)}, {key}, {shown[:200]!r})"

    def _slice(self, cut: ast.Slice) -> str:
        bounds = (self.write(bound) if bound else "" for bound in (cut.lower, cut.upper, cut.step))
        return ":".join(bounds)

    def _pair(self, key: ast.expr | None, value: ast.expr) -> str:
        return f"**{self.write(value)}" if key is None else f"{self.write(key)}: {self.write(value)}"

    def _part(self, part: ast.expr) -> str:
        if not isinstance(part, ast.FormattedValue):
            return self.write(part)
        value = self.write(part.value)
        if part.conversion in (ord("r"), ord("a")):
            value = f"repr({value})"
        elif part.conversion == ord("s"):
            value = f"str({value})"
        return f"format({value}, {self.write(part.format_spec) if part.format_spec else repr('')})"

    def _call(self, node: ast.Call) -> str:
        match node.func:
            case ast.Attribute(value=value, attr=method):
                function = f"{self.write(value)}.{method}"
            case function_node:
                function = self.write(function_node)
        named = (
            f"{one.arg}={self.write(one.value)}" if one.arg else f"**{self.write(one.value)}" for one in node.keywords
        )
        return f"{function}({', '.join([*map(self.write, node.args), *named])})"

    def _lambda(self, node: ast.Lambda) -> str:
        arguments = node.args
        names = frozenset(one.arg for one in ast.walk(arguments) if isinstance(one, ast.arg))
        defaults = [self.write(one) for one in arguments.defaults]
        places = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        bare = len(places) - len(defaults)
        listed = [*places[:bare], *(f"{name}={value}" for name, value in zip(places[bare:], defaults, strict=True))]
        self.locals.append(names)
        body = self.write(node.body)
        self.locals.pop()
        return f"(lambda {', '.join(listed)}: {body})"

    def _comprehend(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> str:
        source = self.write(node.generators[0].iter)
        names = frozenset(
            name.id for one in node.generators for name in ast.walk(one.target) if isinstance(name, ast.Name)
        )
        self.locals.append(names)
        clauses = []
        for position, one in enumerate(node.generators):
            clauses.append(f"for {ast.unparse(one.target)} in {source if position == 0 else self.write(one.iter)}")
            clauses += [f"if {self.write(test)}" for test in one.ifs]
        if isinstance(node, ast.DictComp):
            item = f"{self.write(node.key)}: {self.write(node.value)}"
        else:
            item = self.write(node.elt)
        self.locals.pop()
        return f"{item} {' '.join(clauses)}"
