"""A node's id inside expressions, found by the parser and replaced where it stands.

A text that is no expression is left as it is: it is wrong already, and a guess would make it worse.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flows.expr.errors import BadExpression
from flows.expr.syntax import Names, read_placed
from flows.expr.template import parse


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the id stands in an expression's source, and whether it is a string in brackets there."""

    start: int
    end: int
    is_string: bool


def rename_node(text: str, old: str, new: str) -> str:
    """A string with the references to one node's output leading to another id."""
    if old not in text:
        return text
    try:
        sources = parse(text).sources
    except BadExpression:
        return text
    for source in reversed(sources):
        renamed = _renamed(source.text, old, new)
        text = text[: source.start] + renamed + text[source.start + len(source.text) :]
    return text


def _renamed(source: str, old: str, new: str) -> str:
    try:
        finder = _Finder(source, old)
    except BadExpression:
        return source
    for place in sorted(set(finder.places()), key=lambda one: one.start, reverse=True):
        written = source[place.start : place.end]
        if place.is_string:
            source = f"{source[: place.start]}{written.replace(old, new)}{source[place.end :]}"
        elif written == old:
            source = source[: place.start] + new + source[place.end :]
    return source


class _Finder(Names):
    """Finds `nodes.<old>` and `nodes['<old>']` where `nodes` is the root and no local name."""

    def __init__(self, source: str, old: str) -> None:
        super().__init__()
        self._old = old
        self._found: list[ast.Attribute | ast.Constant] = []
        placed = read_placed(source)
        self._offset = placed.offset
        self.visit(placed.tree)

    def places(self) -> Iterator[_Place]:
        for node in self._found:
            end = self._offset(node.end_lineno or 1, node.end_col_offset or 0)
            if isinstance(node, ast.Attribute):
                yield _Place(end - len(self._old), end, is_string=False)
            else:
                yield _Place(self._offset(node.lineno, node.col_offset), end, is_string=True)

    def visit_Attribute(self, node: ast.Attribute) -> None:  # noqa: N802 - ast's name
        if self._is_node(node) and node.attr == self._old:
            self._found.append(node)
        super().visit_Attribute(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:  # noqa: N802 - ast's name
        if self._is_node(node) and isinstance(node.slice, ast.Constant) and node.slice.value == self._old:
            self._found.append(node.slice)
        super().visit_Subscript(node)
