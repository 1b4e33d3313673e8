"""Why something failed, said again in the reader's language: journals and records keep the English sentence.

It decides which template a sentence was made after (the one with most words of its own), and says what stands in its
holes again in the same way. What somebody else's server said stays as it was said. The editor has patterns of its own
for the same sentences (decision 0234); this is for the pages that the server draws.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, zip_longest
from typing import Final

from django.utils.text import capfirst

from flows.errors import MulgilError
from flows.nodes.installed import catalogue
from flows.nodes.ml_reasons import REASONS
from flows.operations.saying import translated
from flows.runtime.beside import CANCELLED

DEEPEST: Final = 3
FEWEST: Final = 8
"""Characters of its own that a template needs: one with less would be found in anybody's sentence."""

_HOLE: Final = re.compile(r"\{(\w+)\}")
# One word stands there: "{what} answered {status}: {reason}" isn't "{method} {url} answered {status}."
_SHAPES: Final[Mapping[str, str]] = {"status": r"\w+"}


def retold(sentence: str, deepest: int = DEEPEST) -> str:
    """The sentence in the reader's language; one that isn't the product's, as it is."""
    place = _place(sentence)
    if place is None:
        return sentence
    template, holes, pattern = _known()[place]
    found = pattern.fullmatch(sentence)
    assert found is not None  # or it had no place
    return translated(template, {hole: _part(text, deepest) for hole, text in zip(holes, found.groups(), strict=True)})


def as_sentence(reason: str) -> str:
    """The same as it begins a line: a reason is kept to follow a colon."""
    told = retold(reason)
    return capfirst(told) if told.isascii() and told.partition(" ")[0].isalpha() else told


def _part(text: str, deepest: int) -> str:
    """What stands in a hole. A sentence loses its full stop where it becomes part of another: it is looked at with one
    too."""
    if deepest == 0:
        return text
    bare, whole = _place(text), None if text.endswith(".") else _place(f"{text}.")
    if whole is not None and (bare is None or whole < bare):
        return retold(f"{text}.", deepest - 1).removesuffix(".")
    return retold(text, deepest - 1)


def _place(sentence: str) -> int | None:
    """Among the known ones."""
    return next((place for place, (_, _, one) in enumerate(_known()) if one.fullmatch(sentence)), None)


def _templates() -> Iterator[str]:
    """The sentences and hints of all errors, those of the nodes among them, and the parts they are made of."""
    catalogue()
    yield CANCELLED
    yield from REASONS
    above: list[type[MulgilError]] = [MulgilError]
    while above:
        one = above.pop()
        above += one.__subclasses__()
        yield " ".join((one.__doc__ or "").split())
        yield one.hint


@cache
def _known() -> tuple[tuple[str, list[str], re.Pattern[str]], ...]:
    found = []
    for template in dict.fromkeys(_templates()):
        own = _HOLE.sub("", template)
        if len(own) >= FEWEST:
            holes = _HOLE.findall(template)
            words = map(re.escape, _HOLE.split(template)[::2])
            shapes = [f"({_SHAPES.get(hole, '.+?')})" for hole in holes]
            shape = "".join(chain.from_iterable(zip_longest(words, shapes, fillvalue="")))
            found.append((template, holes, re.compile(shape, re.DOTALL)))
    found.sort(key=lambda one: len(_HOLE.sub("", one[0])), reverse=True)
    return tuple(found)
