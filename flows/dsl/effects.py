"""The effect classes of node types, from the weakest promise the world needs to the strictest."""

from enum import StrEnum


class Effect(StrEnum):
    """What a crash may do to a step's effect (DESIGN 6.4).

    PURE may be recomputed; READ may be repeated; KEYED is at least once with a stable key;
    TRANSACTIONAL is exactly once in the target's own transaction; ONCE is at most once.
    """

    PURE = "pure"
    READ = "read"
    KEYED = "keyed"
    TRANSACTIONAL = "transactional"
    ONCE = "once"
