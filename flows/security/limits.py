"""The limits of the product (bytes, counts, microseconds), typed, with the defaults users get.

They are the numbers alone; each is enforced where the thing it bounds comes in. Whoever starts the
product may replace them before anything runs (`Limits.changed`), and a bad value names itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, Self

from flows.errors import MulgilError

KIB: Final = 2**10
MIB: Final = 2**20
SECOND: Final = 1_000_000
YEAR: Final = 365 * 86_400 * SECOND


class BadLimit(MulgilError):
    """The limit {name} cannot be {value}: {reason}"""

    code = "bad_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """DESIGN 6.7. Beyond one: a typed error on that node or request, never a crash."""

    step_output: int = 32 * MIB
    inline: int = 32 * KIB
    request_body: int = 10 * MIB
    json_depth: int = 64
    document_nodes: int = 10_000
    document_bytes: int = 2 * MIB
    each_items: int = 100_000
    run_events: int = 1_000_000
    flow_depth: int = 16
    sleep: int = 5 * YEAR
    code_time: int = 5 * SECOND
    code_memory: int = 64 * MIB
    expression_bytes: int = 8 * KIB
    expression_nodes: int = 200
    expression_time: int = SECOND // 5
    expression_memory: int = 16 * MIB

    def changed(self, values: Mapping[str, object]) -> Self:
        """These limits with some replaced. Raises BadLimit for an unknown name or a value that is no positive int."""
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise BadLimit(name=name, value=value, reason=f"the limits are {', '.join(sorted(known))}")
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise BadLimit(name=name, value=value, reason="it must be a whole number above zero")
        return replace(self, **values)  # type: ignore[arg-type]  # each was just checked to be an int


LIMITS: Final = Limits()
