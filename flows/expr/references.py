"""The paths an expression names, and where in its text they stand.

Validation asks whether they can be known there; renaming a node rewrites them.
"""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flows.expr.names import ROOTS
from flows.expr.paths import Path, static_path
from flows.expr.syntax import Expression, Names, read
from flows.expr.template import Source, has_expression, parse
from flows.security.safejson import Json

# Most expressions are one plain path, which needs no parser to be read.
_KEYS: Final = r"(?:\.[a-zA-Z_]\w{0,62})"
_PLAIN_PATH: Final = re.compile(
    rf"\s*(?:nodes{_KEYS}{{1,20}}|(?:{'|'.join(sorted(ROOTS - {'nodes'}))}){_KEYS}{{0,20}})\s*", re.ASCII
)


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
    root, *keys = plain[0].strip().split(".")
    return Path(root, tuple(keys))


@lru_cache(maxsize=32_768)
def paths_in(text: str) -> tuple[Path, ...]:
    """The paths named in a string's expressions, each once. Raises BadExpression."""
    found: dict[Path, None] = {}
    for source in parse(text).sources:
        plain = plain_path(source.text)
        if plain is not None:
            found[plain] = None
        else:
            found.update(dict.fromkeys(one.path for one in read_referring(source, "")[1]))
    return tuple(found)
