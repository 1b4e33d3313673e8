"""The tokens of an expression, the same on every version of Python.

It measures an expression before Python's own parser may see it (that one raises RecursionError and
MemoryError on long chains, differently on each version) and finds where `{{ … }}` ends. It knows
brackets, strings, names, numbers and operators, and no grammar.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from flows.errors import phrase
from flows.expr.errors import BadExpression, ExpressionTooLarge
from flows.security.limits import LIMITS

MAX_LENGTH: Final = LIMITS.expression_bytes
MAX_OPERATORS: Final = LIMITS.expression_nodes

OPENING: Final = {"(": ")", "[": "]", "{": "}"}
CLOSING: Final = frozenset(OPENING.values())
_WEIGHTLESS: Final = frozenset({",", ":"})
_WORD_OPERATORS: Final = frozenset({"and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await", "yield"})

_TOKEN: Final = re.compile(
    r"""\s+
    |(?P<STRING>(?i:rb|br|rf|fr|r|b|u|f)?(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"
        |'(?!'')(?:[^'\\\n]|\\.)*'|"(?!"")(?:[^"\\\n]|\\.)*"|''(?!')|""(?!")))
    |(?P<NAME>[^\W\d]\w*)
    |(?P<NUMBER>0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?)
    |(?P<OP>\*\*|//|<<|>>|<=|>=|==|!=|:=|->|\.\.\.|[-+*/%@&|^~<>=.,:;()\[\]{}!])
    """,
    re.VERBOSE | re.DOTALL,
)


def balanced(plain: str, inside: str) -> str:
    """The pattern of what these tokens need not be asked about: characters of the class `plain`, texts of the class
    `inside` without escapes, and brackets two deep, each closed in its turn. It tries nothing twice."""
    text = rf"(?:'(?:(?!'){inside})++'|\"(?:(?!\"){inside})++\")"
    pattern = rf"{plain}*+(?:{text}{plain}*+)*+"
    for _ in range(2):
        pattern = rf"{pattern}(?:(?:\({pattern}\)|\[{pattern}\]){pattern})*+"
    return pattern


Kind: TypeAlias = Literal["STRING", "NAME", "NUMBER", "OP"]


class Token(NamedTuple):
    """A token of the text between two character offsets."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens from `start` on. Raises BadExpression at a character no token begins with."""
    position = start
    for match in _TOKEN.finditer(text, start):
        if match.start() != position:
            break
        position = match.end()
        if match.lastgroup is not None:
            yield Token(match.lastgroup, match[0], match.start(), position)  # type: ignore[arg-type]  # a group's name
    if position < len(text):
        if text[position] in "'\"":
            raise BadExpression(reason=phrase("the string that opens here is not closed"), offset=position)
        raise BadExpression(reason=phrase("{sign} cannot stand here", sign=repr(text[position])), offset=position)


def find_end(text: str, start: int) -> int:
    """The offset of the first `}}` outside brackets and strings.

    Raises BadExpression when there is none, ExpressionTooLarge when it is too far.
    """
    open_brackets: list[str] = []
    weight = 0
    for token in tokens(text, start):
        if not open_brackets and text.startswith("}}", token.start):
            return token.start
        weight += _weight(token)
        _check_size(token.end - start, weight, token)
        if token.kind == "OP":
            _track(token, open_brackets)
    raise BadExpression(reason=phrase("{{ without its }}"), offset=start, hint="Write {{ '{{' }} for literal braces.")


def _check_size(length: int, weight: int, token: Token) -> None:
    if length > MAX_LENGTH:
        raise ExpressionTooLarge(
            reason=phrase("the expression has over {limit} bytes", limit=MAX_LENGTH), offset=token.start
        )
    if weight > MAX_OPERATORS:
        raise ExpressionTooLarge(
            reason=phrase("the expression has over {limit} brackets or operators", limit=MAX_OPERATORS),
            offset=token.start,
        )


def _track(token: Token, open_brackets: list[str]) -> None:
    if token.text in OPENING:
        open_brackets.append(OPENING[token.text])
    elif token.text in CLOSING and (not open_brackets or open_brackets.pop() != token.text):
        raise BadExpression(reason=phrase("{sign} closes nothing", sign=token.text), offset=token.start)


def measure(text: str) -> list[Token]:
    """The tokens of an expression within the limits. Raises ExpressionTooLarge or BadExpression."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_LENGTH:
        raise ExpressionTooLarge(
            reason=phrase("the expression has {size} bytes, over the limit of {limit}", size=size, limit=MAX_LENGTH)
        )
    found: list[Token] = []
    weight = 0
    open_brackets: list[str] = []
    for token in tokens(text):
        found.append(token)
        weight += _weight(token)
        _check_size(0, weight, token)
        if token.kind == "OP":
            _track(token, open_brackets)
    if open_brackets:
        raise BadExpression(reason=phrase("{sign} is missing at the end", sign=open_brackets[-1]), offset=len(text))
    return found


def _weight(token: Token) -> int:
    kind, text = token.kind, token.text
    if kind == "OP":
        return text not in _WEIGHTLESS
    if kind == "NAME":
        return text in _WORD_OPERATORS
    if kind == "STRING" and _is_formatted(text):
        # The fields of an f-string are expressions too; counting every mark bounds them from above.
        return len(re.findall(r"[-+*/%@&|^~<>=.()\[\]{}!]", text))
    return 0


def _is_formatted(string: str) -> bool:
    return "f" in string[: len(string) - len(string.lstrip("rRbBuUfF"))].lower()
