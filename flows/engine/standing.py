"""The locks of a simulated run: who of it stands in line, and who is let in next.

Other runs there are none; how long they would hold a lock is said by the mock of the step. Within the run a lock
is held by as many at once as all who hold it allow, and let in is who came first, as the executor does it.
"""

from dataclasses import dataclass, field

from flows.dsl.instants import Instant
from flows.engine.outcomes import Granted
from flows.engine.state import Step


@dataclass(frozen=True, slots=True)
class _Place:
    step: str
    seed: int
    limit: int
    free_at: Instant


@dataclass(slots=True)
class SimulatedLocks:
    """What the executor's table of locks holds, for one run in memory."""

    granted: int = 0
    _places: dict[str, _Place] = field(default_factory=dict)

    def ask(self, step: str, seed: int, limit: int, free_at: Instant) -> None:
        """A step is about to stand in line; nobody is let in before `free_at`."""
        self._places.pop(step, None)
        self._places[step] = _Place(step, seed, limit, free_at)

    def next(self, locks: dict[str, Step], now: Instant) -> tuple[str, int, Granted] | None:
        """Who is let in now: step, seed, and the grant."""
        place = next((place for place in self._firsts(locks) if place.free_at <= now), None)
        if place is None:
            return None
        self.granted += 1
        return place.step, place.seed, Granted(self.granted)

    def next_at(self, locks: dict[str, Step]) -> Instant | None:
        """When somebody could be let in, as it stands."""
        return min((place.free_at for place in self._firsts(locks)), default=None)

    def _firsts(self, locks: dict[str, Step]) -> list[_Place]:
        """Of each lock who stands first in line, where there is room."""
        found: dict[tuple[str, str] | None, _Place] = {}
        for place in self._places.values():
            step = locks.get(place.step)
            if step is not None and step.status == "waiting" and step.seed == place.seed:
                found.setdefault(step.wait, place)
        return [place for wait, place in found.items() if self._has_room(locks, wait, place)]

    def _has_room(self, locks: dict[str, Step], wait: tuple[str, str] | None, first: _Place) -> bool:
        inside = [key for key, step in locks.items() if step.wait == wait and step.status != "waiting"]
        return len(inside) < min([first.limit, *(self._places[key].limit for key in inside if key in self._places)])
