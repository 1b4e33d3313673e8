"""The tokens of an expression, the same on every version of Python.

It measures an expression before Python's own parser may see it (that one raises RecursionError and
MemoryError on long chains, differently on each version) and finds where `{{ … }}` ends. It knows
brackets, strings, names, numbers and operators, and no grammar.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from flows.expr.errors import BadExpression, ExpressionTooLarge

MAX_LENGTH: Final = 8 * 1024
MAX_OPERATORS: Final = 200

OPENING: Final = {"(": ")", "[": "]", "{": "}"}
CLOSING: Final = frozenset(OPENING.values())
_WEIGHTLESS: Final = frozenset({",", ":"})
_WORD_OPERATORS: Final = frozenset({"and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await", "yield"})

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>(?i:rb|br|rf|fr|r|b|u|f)?(?:'''|\"\"\"|'|"))
    |(?P<name>[^\W\d]\w*)
    |(?P<number>0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?)
    |(?P<op>\*\*|//|<<|>>|<=|>=|==|!=|:=|->|\.\.\.|[-+*/%@&|^~<>=.,:;()\[\]{}!])
    """,
    re.VERBOSE,
)


class Kind(Enum):
    STRING = "string"
    NAME = "name"
    NUMBER = "number"
    OP = "op"


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the text between two character offsets."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens from `start` on. Raises BadExpression at a character no token begins with."""
    position = start
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            raise BadExpression(reason=f"{text[position]!r} cannot stand here", offset=position)
        kind = match.lastgroup
        end = _string_end(text, match) if kind == "string" else match.end()
        if kind != "space":
            yield Token(Kind(kind), text[position:end], position, end)
        position = end


def _string_end(text: str, opening: re.Match[str]) -> int:
    """Where the string that opens here ends. Escapes hide quotes in raw strings too, as in Python."""
    quote = opening[0].lstrip("rRbBuUfF")
    position = opening.end()
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        elif text[position] == "\n" and len(quote) == 1:
            break
        else:
            position += 1
    raise BadExpression(reason=f"the string that opens with {quote} is not closed", offset=opening.start())


def find_end(text: str, start: int) -> int:
    """The offset of the first `}}` outside brackets and strings. Raises BadExpression when there is none."""
    open_brackets: list[str] = []
    for token in tokens(text, start):
        if not open_brackets and text.startswith("}}", token.start):
            return token.start
        if token.kind is Kind.OP:
            _track(token, open_brackets)
    raise BadExpression(reason="{{ without its }}", offset=start, hint="Write {{ '{{' }} for literal braces.")


def _track(token: Token, open_brackets: list[str]) -> None:
    if token.text in OPENING:
        open_brackets.append(OPENING[token.text])
    elif token.text in CLOSING and (not open_brackets or open_brackets.pop() != token.text):
        raise BadExpression(reason=f"{token.text} closes nothing", offset=token.start)


def measure(text: str) -> list[Token]:
    """The tokens of an expression within the limits. Raises ExpressionTooLarge or BadExpression."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_LENGTH:
        raise ExpressionTooLarge(reason=f"the expression has {size} bytes, over the limit of {MAX_LENGTH}")
    found: list[Token] = []
    weight = 0
    open_brackets: list[str] = []
    for token in tokens(text):
        found.append(token)
        weight += _weight(token)
        if weight > MAX_OPERATORS:
            raise ExpressionTooLarge(
                reason=f"the expression has over {MAX_OPERATORS} brackets or operators", offset=token.start
            )
        if token.kind is Kind.OP:
            _track(token, open_brackets)
    if open_brackets:
        raise BadExpression(reason=f"{open_brackets[-1]} is missing at the end", offset=len(text))
    return found


def _weight(token: Token) -> int:
    match token.kind:
        case Kind.OP:
            return token.text not in _WEIGHTLESS
        case Kind.NAME:
            return token.text in _WORD_OPERATORS
        case Kind.STRING if is_formatted(token.text):
            # The fields of an f-string are expressions too; counting every mark bounds them from above.
            return len(re.findall(r"[-+*/%@&|^~<>=.()\[\]{}!]", token.text))
        case _:
            return 0


def is_formatted(string: str) -> bool:
    """Whether a string token is an f-string."""
    return "f" in string[: len(string) - len(string.lstrip("rRbBuUfF"))].lower()
