"""What befalls processes: deaths, halts, cuts and orderly ends, drawn beforehand so that a story can be told with fewer."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from flows.dsl.instants import Instant

if TYPE_CHECKING:
    from flows.runtime.simulation.process import Process
    from flows.runtime.simulation.world import World

SECOND: Final = 1_000_000
Kind = Literal["kill", "kill_all", "freeze", "cut_off", "cut_one", "stop", "skew", "halt"]
KINDS: Final[tuple[Kind, ...]] = (
    "kill",
    "kill",
    "kill",
    "freeze",
    "freeze",
    "cut_off",
    "cut_one",
    "cut_one",
    "stop",
    "skew",
)


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that befalls one process, the `choice`-th of those there are."""

    at: Instant
    kind: Kind
    choice: float
    lasts: Instant

    def strike(self, world: "World") -> None:
        living = [process for process in world.processes if process.lives]
        if self.kind == "kill_all":
            for process in living:
                world.kill(process)
        elif living:
            self._strike(world, living[int(self.choice * len(living))])

    def _strike(self, world: "World", victim: "Process") -> None:
        match self.kind:
            case "kill":
                world.kill(victim)
            case "freeze" if not victim.is_frozen:
                world.tell(victim, f"is stopped for {self.lasts / SECOND:.1f} s")
                victim.freeze()
                world.at(world.now + 9 * SECOND, world.sweep)
                world.at(world.now + self.lasts, victim.thaw)
            case "halt" if not victim.is_frozen:
                victim.halts_for = self.lasts
            case "cut_off":
                world.tell(victim, f"is cut off for {self.lasts / SECOND:.1f} s")
                victim.cut_off_until = world.now + self.lasts
                world.at(world.now + 9 * SECOND, world.sweep)
            case "cut_one" if wires := [wire for wire in victim.wires if not wire.closed]:
                wire = wires[int(self.choice * 7919) % len(wires)]
                world.tell(victim, f"loses the connection {wire.session.name}")
                wire.cut(holds=self.lasts if self.choice < 0.5 else 0)
            case "stop" if not victim.is_leaving:
                world.tell(victim, "is told to leave")
                victim.leave()
            case "skew":
                victim.skew += int((self.choice - 0.5) * 6 * SECOND)
                world.tell(victim, f"has a clock that is {victim.skew / SECOND:.1f} s ahead")
            case _:
                pass


def draw_halts(dice: random.Random, until: Instant) -> list[Mishap]:
    """Processes that are stopped with something in hand for the journal, about as long as a lease lasts."""
    return [
        Mishap(
            at=dice.randint(SECOND, until),
            kind="halt",
            choice=dice.random(),
            lasts=dice.randint(8 * SECOND, 16 * SECOND),
        )
        for _ in range(dice.randint(1, 4))
    ]


def draw_mishaps(dice: random.Random, until: Instant) -> list[Mishap]:
    """Up to a dozen, thick or thin, some of them all at one time."""
    end = min(until, dice.choice((3, 6, 12, 40)) * SECOND)
    mishaps = [
        Mishap(
            at=dice.randint(SECOND, end),
            kind=dice.choice(KINDS),
            choice=dice.random(),
            lasts=dice.choice((SECOND // 5, 3 * SECOND, 20 * SECOND)),
        )
        for _ in range(dice.randint(0, 12))
    ]
    if dice.random() < 0.1:
        mishaps.append(Mishap(dice.randint(SECOND, end), "kill_all", 0.0, 0))
    return sorted(mishaps, key=lambda mishap: mishap.at)
