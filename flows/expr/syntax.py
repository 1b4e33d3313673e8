"""One expression, read: measured by tokens, parsed by Python's `ast`, held against the allowed names and nodes.

After a dot a keyword is a key (`input.from`). Python's parser does not know that, so such a word goes
to it as a placeholder of the same length and comes back as itself; every offset stays true.
"""

import ast
import itertools
import keyword
import re
import warnings
from dataclasses import dataclass
from typing import Any, Final

from flows.errors import MulgilError, phrase
from flows.expr.errors import BadExpression, ExpressionTooLarge, UnknownName
from flows.expr.lexer import balanced, measure
from flows.expr.names import CONSTANTS, FUNCTIONS, METHODS, ROOTS
from flows.security import safejson

_ALLOWED: Final = (
    ast.Expression | ast.Constant | ast.Name | ast.Attribute | ast.Subscript | ast.Slice | ast.Call | ast.keyword
    | ast.BoolOp | ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp | ast.List | ast.Tuple | ast.Dict | ast.Set
    | ast.Starred | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.comprehension | ast.Lambda
    | ast.arguments | ast.arg | ast.JoinedStr | ast.FormattedValue | ast.operator | ast.unaryop | ast.boolop
    | ast.cmpop | ast.expr_context
)  # fmt: skip

# By the exact type, which is quicker to ask than what it is derived from: a large flow has a hundred thousand nodes of these.
_LEAVES: Final = frozenset(
    kind
    for base in (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
    for kind in base.__subclasses__()
)
_ALWAYS_ALLOWED: Final = (_LEAVES - {ast.MatMult}) | {
    ast.Name, ast.Attribute, ast.Subscript, ast.BoolOp, ast.UnaryOp, ast.IfExp, ast.List, ast.Tuple, ast.Dict,
}  # fmt: skip

# So short, without odd signs, and its brackets closed: within the limits whatever it holds.
_SIMPLE: Final = re.compile(balanced(r"[A-Za-z0-9_ .+\-*/%<>=,]", r"[^\\\n]"))
_SHORT: Final = 200
# What Python's parser has a warning for: a backslash, or letters right behind a number.
_MAY_WARN: Final = re.compile(r"\\|\b\d[\w.]*[A-Za-z_]")
_KEYWORD_AS_KEY: Final = re.compile(rf"\.\s*(?:{'|'.join(keyword.kwlist)})\b")

# Letters of Cherokee are identifiers that NFKC leaves alone; one letter per keyword.
_PLACEHOLDERS: Final = {word: chr(0x13A0 + number) * len(word) for number, word in enumerate(keyword.kwlist)}
_KEYWORDS: Final = {placeholder: word for word, placeholder in _PLACEHOLDERS.items()}


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its text as written (stripped) and its tree."""

    text: str
    tree: ast.expr


@dataclass(frozen=True, slots=True)
class Placed:
    """A tree, and how the parser's places (line, column in bytes) lie in the source (characters)."""

    tree: ast.expr
    _lines: tuple[str, ...]

    def offset(self, line: int, column: int) -> int:
        """The character of the source at a place of the tree. The bracket in front of it is the parser's."""
        before = sum(len(text) + 1 for text in self._lines[: line - 1])
        return before + len(self._lines[line - 1].encode()[:column].decode()) - 1

    def begin(self, node: ast.AST) -> int:
        """The character at which a node of the tree begins; a method at its name, what has no place of its own at the first."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self.offset(node.func.end_lineno or 1, node.func.end_col_offset or 0) - len(node.func.attr)
        if isinstance(node, ast.expr):
            return self.offset(node.lineno, node.col_offset)
        return 0


def read(source: str, names: "Names | None" = None) -> Expression:
    """Parse and check one expression. Raises BadExpression, UnknownName or ExpressionTooLarge.

    `names` walks the tree in place of one that only checks the names in it.
    """
    return Expression(source.strip(), read_placed(source, names).tree)


def read_placed(source: str, names: "Names | None" = None) -> Placed:
    """The same, for who must know where things stand."""
    text = _for_python(source)
    tree = _parse(text)
    placed = Placed(tree, tuple(text.split("\n")))
    looked_at: Any = tree
    walk = names or Names()
    try:
        for looked_at in _nodes_of(tree):
            kind = type(looked_at)
            if kind is ast.Attribute:
                looked_at.attr = _KEYWORDS.get(looked_at.attr, looked_at.attr)
            if kind not in _ALWAYS_ALLOWED:
                _check_node(looked_at)
        walk.visit(tree)
    except BadExpression as error:
        error.offset = placed.begin(walk.wrong or looked_at)
        raise
    except RecursionError:
        raise ExpressionTooLarge(reason=phrase("the expression is nested too deep")) from None
    return placed


def _for_python(source: str) -> str:
    """The source with placeholders for keywords after dots, in brackets so that it may run over several lines."""
    if len(source) <= _SHORT and _SIMPLE.fullmatch(source) and not _KEYWORD_AS_KEY.search(source):
        return f"({source}\n)"
    text = list(source)
    for before, token in itertools.pairwise(measure(source)):
        if token.kind == "NAME" and before.text == "." and token.text in _PLACEHOLDERS:
            text[token.start : token.end] = _PLACEHOLDERS[token.text]
    return f"({''.join(text)}\n)"


def _nodes_of(tree: ast.expr) -> list[Any]:
    """All nodes that hold something, those above first. As `ast.walk`, which takes thrice as long."""
    found: list[Any] = [tree]
    for node in found:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                found += [one for one in value if type(one) not in _LEAVES and isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST) and type(value) not in _LEAVES:
                found.append(value)
    return found


def _parse(text: str) -> ast.expr:
    try:
        if _MAY_WARN.search(text) is None:
            return ast.parse(text, mode="eval").body
        with warnings.catch_warnings():
            # `"\d"` and `1if` warn; the text is a user's and so is the choice.
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        lines = text.split("\n")
        before = sum(len(line) + 1 for line in lines[: (error.lineno or 1) - 1])
        # The brackets around it are ours: what is lacking at the end is told of the last character that is the person's.
        offset = max(0, min(before + (error.offset or 1) - 2, len(text[1:-2].rstrip()) - 1))
        raise BadExpression(reason=phrase("not an expression: {said}", said=phrase(error.msg)), offset=offset) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise ExpressionTooLarge(
            reason=phrase("the expression is nested too deep or holds too long a number")
        ) from None


def _check_node(node: ast.AST) -> None:
    match node:
        case ast.Constant(value=value):
            _check_constant(value)
        case ast.Call(func=ast.Attribute(attr=method)) if method not in METHODS:
            raise UnknownName(reason=phrase(".{method}() is not a method of text, lists or objects", method=method))
        case ast.Compare(ops=ops) if any(isinstance(op, ast.Is | ast.IsNot) for op in ops):
            _check_identity(node)
        case ast.BinOp(op=ast.MatMult()):
            raise BadExpression(reason=phrase("{sign} has no meaning here", sign="@"))
        case ast.arguments() if node.vararg or node.kwarg or node.kwonlyargs:
            raise BadExpression(reason=phrase("a lambda takes plain arguments only"))
        case ast.comprehension(is_async=1):
            raise BadExpression(reason=phrase("{sign} has no meaning here", sign="async"))
        case _ if not isinstance(node, _ALLOWED):
            raise BadExpression(reason=phrase("{form} is not allowed in an expression", form=type(node).__name__))


def _check_constant(value: object) -> None:
    if not isinstance(value, None | bool | int | float | str):
        raise BadExpression(reason=phrase("{value} is not a value of JSON", value=repr(value)))
    try:
        safejson.check(value)
    except MulgilError as error:
        raise BadExpression(
            reason=phrase("{value}: {why}", value=repr(str(value)[:40]), why=phrase(error.template, **error.fields))
        ) from None
    except ValueError:  # an integer too long to be printed
        raise BadExpression(reason=phrase("an integer beyond 64 bits")) from None


def _check_identity(node: ast.Compare) -> None:
    """`is` on numbers and text depends on the interpreter; on null, true and false it does not."""
    sides = [node.left, *node.comparators]
    for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
        if isinstance(op, ast.Is | ast.IsNot) and not (_is_singleton(left) or _is_singleton(right)):
            raise BadExpression(reason=phrase("`is` compares with null, true or false only"), hint="Use == instead.")


def _is_singleton(node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and isinstance(node.value, bool | None)) or (
        isinstance(node, ast.Name) and node.id in CONSTANTS
    )


class Names(ast.NodeVisitor):
    """Walks a tree with the local names in sight. Subclasses see each free root by `root`."""

    wrong: ast.AST | None = None
    """What was looked at when it was refused."""

    def __init__(self) -> None:
        self.locals: list[frozenset[str]] = []

    def is_local(self, name: str) -> bool:
        return any(name in names for names in self.locals)

    def visit(self, node: ast.AST) -> None:
        if type(node) not in _LEAVES and type(node) is not ast.Constant:
            try:
                super().visit(node)
            except BadExpression:
                self.wrong = self.wrong or node
                raise

    def visit_Name(self, node: ast.Name) -> None:
        if self.is_local(node.id) or node.id in CONSTANTS or node.id in FUNCTIONS:
            return
        if node.id == "nodes":
            raise BadExpression(
                reason=phrase("nodes alone is not a value"), hint="Write nodes.<id>, the output of one node."
            )
        if node.id not in ROOTS:
            raise UnknownName(
                reason=phrase("{name} is not known", name=node.id),
                hint="Expressions start at input, nodes, item, index, last, run, flow, vars or now.",
            )

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not self._is_node(node):
            self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not self._is_node(node):
            self.generic_visit(node)

    def _is_node(self, node: ast.Attribute | ast.Subscript) -> bool:
        """Whether this is `nodes.<id>`, the only way `nodes` may be used."""
        if not (isinstance(node.value, ast.Name) and node.value.id == "nodes" and not self.is_local("nodes")):
            return False
        return isinstance(node, ast.Attribute) or (
            isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        )

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for default in node.args.defaults:
            self.visit(default)
        self._inside(frozenset(one.arg for one in (*node.args.posonlyargs, *node.args.args)), node.body)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        targets = frozenset(
            name.id for one in node.generators for name in ast.walk(one.target) if isinstance(name, ast.Name)
        )
        inner = [*first.ifs]
        for one in node.generators[1:]:
            inner += [one.iter, *one.ifs]
        inner += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._inside(targets, *inner)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension  # noqa: N815

    def _inside(self, names: frozenset[str], *bodies: ast.expr) -> None:
        for name in names:
            if name.startswith("_") or name in CONSTANTS:
                raise BadExpression(reason=phrase("{name} cannot be a name of your own", name=name))
        self.locals.append(names)
        for body in bodies:
            self.visit(body)
        self.locals.pop()
