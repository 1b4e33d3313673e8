"""Which part of a text changed: expressions token by token, what stands around them word by word.

The pieces of a change, without those that were added, are the text before; without those that were removed, the text
after. Two texts too long to be read together are compared by their lines, and at worst stand whole beside each other.
What a text means is not known here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.expr.errors import BadExpression
from flows.expr.lexer import tokens
from flows.expr.template import Source, parse

LONGEST: Final = 64 * 1024
MOST_PAIRS: Final = 40_000
"""Pairs of tokens that are held against each other: of two texts that differ in two hundred each."""

_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")

What: TypeAlias = Literal["same", "removed", "added"]
Step: TypeAlias = tuple[What, str]


@dataclass(frozen=True, slots=True)
class Piece:
    what: What
    text: str


def pieces(before: str, after: str) -> list[Piece]:
    """What both texts share and what they don't, in their order; neighbours of one kind are one piece."""
    if max(len(before), len(after)) <= LONGEST:
        for cut in (_tokens, _lines):
            found = _compared(cut(before), cut(after))
            if found is not None:
                return found
    return _joined([("removed", before), ("added", after)])


def _tokens(text: str) -> list[str]:
    """Of an expression its tokens, of the text around it its words. What is no template is words alone."""
    try:
        template = parse(text)
        found: list[str] = []
        for piece in template.pieces:
            found += ["{{", *_of_expression(piece.text), "}}"] if isinstance(piece, Source) else _WORD.findall(piece)
    except BadExpression:
        return _WORD.findall(text)
    return found


def _of_expression(text: str) -> Iterator[str]:
    """The tokens, and what stands between them, which is blank."""
    end = 0
    for token in tokens(text):
        if token.start > end:
            yield text[end : token.start]
        yield token.text
        end = token.end
    if end < len(text):
        yield text[end:]


def _lines(text: str) -> list[str]:
    return _LINE.findall(text)


def _compared(old: Sequence[str], new: Sequence[str]) -> list[Piece] | None:
    """The pieces of two lists of tokens; None where too much differs to be looked at."""
    head = _shared(old, new)
    old, new, first = old[head:], new[head:], old[:head]
    tail = _shared(old[::-1], new[::-1])
    old, new, last = old[: len(old) - tail], new[: len(new) - tail], old[len(old) - tail :]
    if len(old) * len(new) > MOST_PAIRS:
        return None
    return _joined(_read_together([*_kept(first), *_steps(old, new), *_kept(last)]))


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many tokens both begin with."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _kept(shared: Sequence[str]) -> list[Step]:
    return [("same", one) for one in shared]


def _steps(old: Sequence[str], new: Sequence[str]) -> list[Step]:
    """Along their longest common subsequence, what went before what came."""
    # longest[i][j]: of what follows place i of the one and place j of the other.
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            alike = old[i] == new[j]
            longest[i][j] = longest[i + 1][j + 1] + 1 if alike else max(longest[i + 1][j], longest[i][j + 1])
    found: list[Step] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            found.append(("same", old[i]))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            found.append(("removed", old[i]))
            i += 1
        else:
            found.append(("added", new[j]))
            j += 1
    return [*found, *(("removed", one) for one in old[i:]), *(("added", one) for one in new[j:])]


def _read_together(steps: Sequence[Step]) -> list[Step]:
    """Between two changes a blank is no reason to begin anew: they are read as one, what went before what came."""
    found: list[Step] = []
    gone: list[Step] = []
    came: list[Step] = []
    for at, (what, text) in enumerate(steps):
        between = what == "same" and not text.strip() and (gone or came)
        if between and at + 1 < len(steps) and steps[at + 1][0] != "same":
            gone.append(("removed", text))
            came.append(("added", text))
        elif what == "same":
            found += [*gone, *came, (what, text)]
            gone, came = [], []
        else:
            (gone if what == "removed" else came).append((what, text))
    return [*found, *gone, *came]


def _joined(steps: Sequence[Step]) -> list[Piece]:
    found: list[Piece] = []
    for what, text in steps:
        if found and found[-1].what == what:
            found[-1] = Piece(what, found[-1].text + text)
        elif text:
            found.append(Piece(what, text))
    return found
