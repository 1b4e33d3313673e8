"""People around the runs: they start, pause, resume, cancel and signal at random, and in the end answer what waits for them.

It decides which letters are written and when. Once the misfortune is over they do their part: nothing stays paused, uncertain or
unanswered for want of a person, so that a run which doesn't end then has no excuse.
"""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from flows.engine.machine import Machine
from flows.journal.codec import decode
from flows.runtime.simulation.drawing import LARGE, SIGNALS
from flows.runtime.simulation.server import ENDED, RunRow

if TYPE_CHECKING:
    from flows.runtime.simulation.world import World

SECOND: Final = 1_000_000
ROUND: Final = 3 * SECOND


class People:
    """Those of one world."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._dice = world.dice("people")
        self._beside = world.dice("people beside")
        self._moving = world.dice("people move runs")
        self._left = 0

    @property
    def have_begun(self) -> bool:
        """Whether every start was made."""
        return self._left == 0

    def begin(self) -> None:
        world, dice = self._world, self._dice
        self._left = dice.randint(1, 3)
        for _ in range(self._left):
            world.at(dice.randint(SECOND, dice.choice((1, 1, 8)) * SECOND), self._start)
        world.at(world.trouble_ends + SECOND, self._round)
        for _ in range(dice.choice((0, 0, 1, 3))):
            world.at(dice.randint(SECOND, 15 * SECOND), self._take_a_lock)
            world.at(dice.randint(SECOND, 40 * SECOND), self._close_a_breaker)
        self._look_after_what_is_kept()

    def _look_after_what_is_kept(self) -> None:
        """Where large values are kept, days go by and they are swept; where messages go out, dead ones are sent again."""
        world, dice = self._world, self._beside
        for _ in range(dice.randint(0, 4) if world.is_large else 0):
            world.at(dice.randint(8 * SECOND, 40 * SECOND), self._purge)
        for _ in range(dice.choice((0, 1, 2)) if world.publishes else 0):
            world.at(dice.randint(4 * SECOND, 30 * SECOND), self._send_again)

    def hear_of_what_is_kept(self) -> None:
        """By chance a sweep is at it at the very time at which a run begins to need something."""
        world, dice = self._world, self._beside
        if dice.random() < 0.5:
            sweep = world.clerk.purge(days_go_by=False, lets_go=False)
            world.at(world.now + dice.randint(0, 2_000), lambda: world.clerk.carry_out(sweep))

    def _purge(self) -> None:
        world = self._world
        world.tell("people", "delete what nobody needs")
        world.clerk.carry_out(world.clerk.purge(days_go_by=self._beside.random() < 0.5, lets_go=True))

    def _send_again(self) -> None:
        world = self._world
        world.tell("people", "send dead messages again")
        world.clerk.carry_out(world.clerk.send_again())

    def _take_a_lock(self) -> None:
        """Somebody takes a lock from who holds it."""
        world = self._world
        held = [place for place in world.server.places.values() if place.token is not None]
        if held:
            place = self._dice.choice(held)
            world.tell("people", f"take the lock {place.name} from run {place.run.int}")
            world.clerk.carry_out(world.clerk.release(place.id, place.run))

    def _close_a_breaker(self) -> None:
        """Somebody says that a target is there again, whether or not it is."""
        world = self._world
        for workspace, target in [key for key, breaker in world.server.breakers.items() if breaker.state != "closed"]:
            world.tell("people", f"close the breaker of {target}")
            world.clerk.carry_out(world.clerk.reset(workspace, target))

    def _start(self) -> None:
        dice, world = self._dice, self._world
        flow = dice.choice(("f0", "f0", max(world.flows)))
        run = world.start(
            flow, line=dice.choice(("", "", "a")), priority=dice.choice((0, 0, 5)), done=lambda well: self._started()
        )
        self._steer(run)
        if world.moves:
            self._move(flow, run)
        for name in SIGNALS:
            for _ in range(dice.choice((0, 0, 1, 2))):
                key = dice.choice((None, f"{name} once"))
                said = {"n": 1} if not world.is_large else {"n": LARGE[0]}
                for _ in range(dice.choice((1, 1, 2))):
                    self._later(run, "signal", said, name=name, key=key)

    def _started(self) -> None:
        self._left -= 1
        self._world.server.has_news = True

    def _steer(self, run: UUID) -> None:
        dice = self._dice
        if dice.random() < 0.25:
            self._later(run, "pause", {})
            self._later(run, "resume", {})
        if dice.random() < 0.12:
            self._later(run, "cancel", {"compensate": dice.random() < 0.5})

    def _move(self, name: str, run: UUID) -> None:
        """To the mended version and perhaps back, at any time: what is under way then is waited for."""
        world, dice = self._world, self._moving
        flow = world.flows[name][0]
        known = {
            number: (version, digest) for (of, number, digest), version in world.server.numbered.items() if of == flow
        }
        for number in dice.choice(((2,), (2, 1), (2, 1, 2))):
            version, digest = known[number]
            letter = {"version": number, "version_id": str(version), "hash": digest, "by": "people"}
            instant = world.now + dice.randint(0, dice.choice((1, 5, 25)) * SECOND)
            world.at(instant, lambda letter=letter: world.write(run, "move", letter))  # type: ignore[misc]  # bound now

    def _later(self, run: UUID, kind: str, payload: object, *, name: str = "", key: str | None = None) -> None:
        world = self._world
        instant = world.now + self._dice.randint(0, self._dice.choice((1, 5, 25)) * SECOND)
        world.at(instant, lambda: world.write(run, kind, payload, name=name, key=key))

    def _round(self) -> None:
        """Answer whatever waits for a person, now and then."""
        world = self._world
        for row in list(world.server.runs.values()):
            if row.status not in ENDED and row.owner is None and not row.mail:
                self._answer(row)
        if self._dice.random() < 0.08:
            self._close_a_breaker()
        world.at(world.now + ROUND, self._round)

    def _answer(self, row: RunRow) -> None:
        world, dice = self._world, self._dice
        if row.status == "paused":
            world.write(row.id, "resume", {})
            return
        machine = Machine(world.plans[row.flow], plans=world.known)
        for event in world.server.events[row.id]:
            machine.apply(decode(event.kind, event.step, event.at, event.data))
        for step in machine.uncertain():
            verdict = dice.choice(("succeeded", "failed", "retry"))
            world.write(row.id, "resolve", {"step": step, "verdict": verdict}, name=step[:200])
        for name in machine.awaited():
            world.write(row.id, "signal", {"n": 2}, name=name)
        for asked in list(world.server.approvals.values()):
            if asked.run == row.id and not asked.closed and machine.waits(asked.step) == ("approval", str(asked.id)):
                decision = dice.choice(("approved", "rejected"))
                told = {"step": asked.step, "decision": decision, "votes": []}
                world.write(row.id, "approval", told, name=str(asked.id), key=str(asked.id))
