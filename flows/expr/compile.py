"""Configs compiled once per version into values that resolve against a run's roots.

A value without expressions costs nothing to resolve. Closed forms resolve here, in microseconds;
the rest goes to the sandbox, all of one step in one round trip.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from flows.security.safejson import Json

if TYPE_CHECKING:
    from flows.expr.sandbox import Sandbox

Roots: TypeAlias = Mapping[str, Json]


class Compiled:
    """A compiled config. `reads` holds the roots and, as `nodes.<id>`, the nodes it looks at."""

    is_constant: bool
    is_closed: bool
    reads: frozenset[str]
    nodes: frozenset[str]

    def resolve(self, roots: Roots) -> Json:
        """The value, without the sandbox. Raises ExpressionError; NeedsSandbox unless `is_closed`."""
        raise NotImplementedError

    async def resolve_with(self, roots: Roots, sandbox: "Sandbox | None", *, clock: int, seed: int) -> Json:
        """The value, with one round trip at most. Raises ExpressionError, SandboxMissing, …"""
        raise NotImplementedError


def compile_value(
    config: Json, verbatim: frozenset[str] = frozenset(), per_item: Mapping[str, str] | None = None
) -> Compiled:
    """Compile a config. Raises BadExpression for the first expression that is not one."""
    raise NotImplementedError
