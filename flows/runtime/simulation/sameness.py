"""Whether two states of a run are one and the same, field by field: so that a field that a snapshot forgets is missed.

What a state keeps lazily (timers and ready steps that no longer hold) is passed over, for it decides nothing.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from flows.engine.state import Scope, State, Step, Window
from flows.engine.timing import is_timer

_BY_ID: Final = frozenset({"plan", "region"})


def differences(one: State, other: State) -> str | None:
    """The first difference, in words; None where there is none."""
    return _Walk(one, other).compare(one, other, "state")


class _Walk:
    def __init__(self, one: State, other: State) -> None:
        self._seen: set[tuple[int, int]] = set()
        self._roots = one, other

    def compare(self, one: Any, other: Any, where: str) -> str | None:
        if (id(one), id(other)) in self._seen:
            return None
        if type(one) is not type(other):
            return f"{where} is {one!r} and {other!r}"
        if isinstance(one, Step | Scope | Window) or is_dataclass(one):
            self._seen.add((id(one), id(other)))
            return self._record(one, other, where)
        if isinstance(one, Mapping):
            if list(one) != list(other):
                return f"{where} has {list(one)} and {list(other)}"
            return self._all((f"{where}[{key!r}]", one[key], other[key]) for key in one)
        if isinstance(one, list | tuple | deque):
            if len(one) != len(other):
                return f"{where} has {len(one)} and {len(other)} entries"
            return self._all((f"{where}[{place}]", a, b) for place, (a, b) in enumerate(zip(one, other, strict=True)))
        return None if one == other else f"{where} is {one!r} and {other!r}"

    def _record(self, one: Any, other: Any, where: str) -> str | None:
        names = [field.name for field in fields(one)] if is_dataclass(one) else [
            name for cls in type(one).__mro__ for name in getattr(cls, "__slots__", ())
        ]  # fmt: skip
        return self._all(
            (f"{where}.{name}", *self._values(one, other, name)) for name in sorted(names) if name not in _BY_ID
        )

    def _values(self, one: Any, other: Any, name: str) -> tuple[Any, Any]:
        if isinstance(one, State) and name == "timers":
            return tuple(
                sorted((due, key) for due, key in state.timers if is_timer(state, due, key)) for state in (one, other)
            )  # type: ignore[return-value]  # two
        if isinstance(one, State) and name == "ready":
            return tuple([step for step in state.ready if step.status == "ready"] for state in (one, other))  # type: ignore[return-value]  # two
        return getattr(one, name), getattr(other, name)

    def _all(self, pairs: Any) -> str | None:
        return next((found for where, one, other in pairs if (found := self.compare(one, other, where))), None)
