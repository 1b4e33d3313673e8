"""Strings with `{{ … }}` in them, taken apart into text and the sources of expressions.

An expression ends at the first `}}` outside brackets and strings. Literal braces are written as an
expression that is a string: `{{ '{{' }}`.
"""

import re
from dataclasses import dataclass
from typing import Final

from flows.errors import phrase
from flows.expr.errors import BadExpression
from flows.expr.lexer import balanced, find_end

OPEN: Final = "{{"
# Expressions and the text between them; a text with more of them was not written by a person.
MAX_PIECES: Final = 2_000

# Up to the first braces with nothing on the way that one must know tokens for: what most expressions are, found at once.
_PLAIN: Final = re.compile(balanced(r"[^'\"(){}\[\]]", r"[^\\\n{}]") + r"(?=\}\})")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one expression, and where in the string it starts."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text and expressions in their order."""

    pieces: tuple[str | Source, ...]

    @property
    def single(self) -> Source | None:
        """The expression that is the whole string and so keeps the type of its value, if it is one."""
        first = self.pieces[0] if len(self.pieces) == 1 else None
        return first if isinstance(first, Source) else None

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Source))


def has_expression(value: object) -> bool:
    """Whether a value is a text in which an expression stands."""
    return isinstance(value, str) and OPEN in value


def parse(text: str) -> Template:
    """Take a string apart. Raises BadExpression where an expression does not end or holds nothing."""
    pieces: list[str | Source] = []
    position = 0
    while (opening := text.find(OPEN, position)) >= 0:
        if len(pieces) > MAX_PIECES:
            raise BadExpression(
                reason=phrase("a text holds more than {limit} expressions", limit=MAX_PIECES // 2), offset=opening
            )
        if opening > position:
            pieces.append(text[position:opening])
        plain = _PLAIN.match(text, opening + 2)
        end = plain.end() if plain is not None else find_end(text, opening + 2)
        if not text[opening + 2 : end].strip():
            raise BadExpression(reason=phrase("the braces hold nothing"), offset=opening)
        pieces.append(Source(text[opening + 2 : end], opening + 2))
        position = end + 2
    if position < len(text):
        pieces.append(text[position:])
    return Template(tuple(pieces))
