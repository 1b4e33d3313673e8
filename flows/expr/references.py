"""The paths an expression names, and where in its text they stand.

Validation asks whether they can be known there; renaming a node rewrites them.
"""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flows.expr.names import CONSTANTS, ROOTS
from flows.expr.paths import Path, static_path
from flows.expr.syntax import Expression, Names, read
from flows.expr.template import Source, has_expression, parse
from flows.security.safejson import Json

# Most expressions are one plain path, which needs no parser to be read.
_KEYS: Final = r"(?:\.[a-zA-Z_]\w{0,62})"
_PATH: Final = rf"(?:nodes{_KEYS}{{1,20}}|(?:{'|'.join(sorted(ROOTS - {'nodes'}))}){_KEYS}{{0,20}})(?![\w.])"
_PLAIN_PATH: Final = re.compile(rf"\s*{_PATH}\s*", re.ASCII)

# Most of the others are paths, numbers and texts with signs between them. Whatever stands on their two sides, these make an
# expression, so that nobody has to parse one to know which paths it names. What is longer is for the parser, and its limits.
_TEXT: Final = r"(?:'[^'\\\n\r\0]*'|\"[^\"\\\n\r\0]*\")"
_OPERAND: Final = (
    rf"(?:{_PATH}|(?:0|[1-9]\d{{0,14}})(?:\.\d{{1,15}})?(?![\w.])|{_TEXT}|(?:{'|'.join(sorted(CONSTANTS))})(?!\w))"
)
_SIGN: Final = r"(?: *(?:[=!<>]=|[<>]|[-+*%]|//?) *| +(?:(?:not +)?in|(?:and|or)(?: +not)?) +)"
_OPERATION: Final = re.compile(rf" *(?:not +)?{_OPERAND}(?:{_SIGN}{_OPERAND}){{1,20}} *", re.ASCII)
_IN_OPERATION: Final = re.compile(rf"{_TEXT}|({_PATH})", re.ASCII)
_SHORT: Final = 200


_PATHS: Final = (ast.Name, ast.Attribute, ast.Subscript)


@dataclass(frozen=True, slots=True)
class Reference:
    """A path, the string it stands in (JSON Pointer), and the expression's place in that string."""

    path: Path
    where: str
    text: str
    start: int


def references(value: Json, verbatim: frozenset[str] = frozenset()) -> list[Reference]:
    """Every path named in a value. Raises BadExpression."""
    found: list[Reference] = []
    stack: list[tuple[Json, str]] = [(value, "")]
    while stack:
        inner, where = stack.pop()
        if isinstance(inner, dict):
            stack += [
                (one, f"{where}/{key.replace('~', '~0').replace('/', '~1')}")
                for key, one in inner.items()
                if where or key not in verbatim
            ]
        elif isinstance(inner, list):
            stack += [(one, f"{where}/{index}") for index, one in enumerate(inner)]
        elif isinstance(inner, str) and has_expression(inner):
            for source in parse(inner).sources:
                found += read_referring(source, where)[1]
    return found


def read_referring(source: Source, where: str) -> tuple[Expression, list[Reference]]:
    """An expression, read, and the longest paths it names, each once. Raises BadExpression."""
    finder = _Finder()
    expression = read(source.text, finder)
    return expression, [Reference(path, where, expression.text, source.start) for path in dict.fromkeys(finder.found)]


class _Finder(Names):
    """Checks the names in a tree, and notes the paths among them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Path] = []

    def visit(self, node: ast.AST) -> None:
        path = static_path(node, self.is_local) if isinstance(node, _PATHS) else None
        # `nodes` alone, or with a number behind it, is refused below.
        if path is None or (path.root == "nodes" and not (path.keys and isinstance(path.keys[0], str))):
            super().visit(node)
        else:
            self.found.append(path)

    def visit_Call(self, node: ast.Call) -> None:  # noqa: N802 - ast's name
        # `nodes.a.name.upper()` reads nodes.a.name: the last name is a method.
        self.visit(node.func.value if isinstance(node.func, ast.Attribute) else node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)


def plain_path(source: str) -> Path | None:
    """The path an expression is, where its text shows that at once; None says nothing."""
    plain = _PLAIN_PATH.fullmatch(source)
    if plain is None:
        return None
    return _written_out(plain[0].strip())


def plain_paths(source: str) -> list[Path] | None:
    """The paths of an expression whose text shows at once that it is one and what it names; None says nothing."""
    path = plain_path(source)
    if path is not None:
        return [path]
    if len(source) > _SHORT or _OPERATION.fullmatch(source) is None:
        return None
    return [_written_out(text) for text in _IN_OPERATION.findall(source) if text]


def _written_out(text: str) -> Path:
    root, *keys = text.split(".")
    return Path(root, tuple(keys))


@lru_cache(maxsize=32_768)
def paths_in(text: str) -> tuple[Path, ...]:
    """The paths named in a string's expressions, each once. Raises BadExpression."""
    found: dict[Path, None] = {}
    for source in parse(text).sources:
        plain = plain_paths(source.text)
        paths = plain if plain is not None else [one.path for one in read_referring(source, "")[1]]
        found.update(dict.fromkeys(paths))
    return tuple(found)
