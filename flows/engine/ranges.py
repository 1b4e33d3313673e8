"""Places of a list as ranges (first, last), both of them in it: how a hundred thousand of them stay short.

It knows numbers and refuses to know what stands at them.
"""

from collections.abc import Iterable
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]


def places(ranges: Iterable[tuple[int, int]]) -> frozenset[int]:
    """All places in these ranges."""
    return frozenset(place for first, last in ranges for place in range(first, last + 1))


def ranges_of(found: Iterable[int]) -> Ranges:
    """The fewest ranges that hold these places and no others, in order."""
    ranges: list[tuple[int, int]] = []
    for place in sorted(set(found)):
        if ranges and place == ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], place
        else:
            ranges.append((place, place))
    return tuple(ranges)


def size_of(ranges: Iterable[Iterable[int]]) -> int:
    """How many places there are in ranges that don't overlap."""
    return sum(last - first + 1 for first, last in ranges)
