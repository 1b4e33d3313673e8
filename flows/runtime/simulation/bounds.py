"""What must hold at every instant of what runs share, whoever lets them in: it looks at what was committed and what began.

A lock has never more inside than the strictest of them allows, its tokens grow, each is given once, and who came first is
let in first. Nothing is written under a fence that isn't the run's. Of a limited flow never more runs go at once than may. Ready runs are taken in turn, by workspace, priority
and age. A breaker changes as it may, and who was told that it is open stays away. When all is done nobody waits.
"""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from flows.dsl.instants import Instant
from flows.nodes.base import Step
from flows.runtime import rates
from flows.runtime.breakers import THRESHOLD
from flows.runtime.context import Context
from flows.runtime.simulation.judging import snapshot_faults
from flows.runtime.simulation.rows import Delivery
from flows.runtime.simulation.server import Breaker, Place, RunRow, Session, Watching

if TYPE_CHECKING:
    from flows.runtime.simulation.process import Process
    from flows.runtime.simulation.world import World

ENDS = frozenset({"run_succeeded", "run_failed", "run_cancelled"})


class Bounds(Watching):
    """Looks on in one world; `faults` are sentences."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.faults: list[str] = []
        self._going: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
        self._last: dict[tuple[UUID, str], int] = {}
        self._given: dict[int, tuple[UUID, str]] = {}
        self._turns: dict[tuple[UUID, str], list[Instant]] = defaultdict(list)
        self._asked: Counter[tuple[UUID, str]] = Counter()
        self._used: set[tuple[UUID, str, Instant | None]] = set()
        self.changes: Counter[str] = Counter()
        """How often breakers went from what to what."""
        self.kept_out = 0
        """How often nothing but its fence kept a write of an owner that was no more from the run."""
        self.farewells = 0
        """How often a step was called to take back what it had begun."""

    # --- what was committed -------------------------------------------------------------------------------------

    def events(self, session: Session, run: UUID, rows: list[Any]) -> None:
        world, row = self._world, self._world.server.runs[run]
        for one in rows:
            world.tell(f"process {session.name}", f"run {run.int} ({row.fence}) {one.seq} {one.kind} {one.step or ''}")
            if one.kind == "lock_granted":
                self._entered(run, one.step, orjson.loads(one.data)["token"])
            elif row.line is not None:
                self._went(row, one.kind)

    def accepted(self, row: RunRow, fence: int) -> None:
        if fence != row.fence:
            self.faults.append(
                f"run {row.id.int}: at seq {row.seq}, a write under fence {fence} was taken, and its owner's is {row.fence} [fence]"
            )

    def refused(self, row: RunRow, fence: int) -> None:
        self.kept_out += 1
        self._world.tell(
            f"run {row.id.int}", f"({row.fence}) refuses a write under fence {fence} that goes on at {row.seq}"
        )

    def snapshot(self, run: UUID, seq: int, data: bytes) -> None:
        world = self._world
        rows = [(row.kind, row.step, row.at, row.data) for row in sorted(world.server.events[run]) if row.seq <= seq]
        fault = snapshot_faults(world.plans[world.server.runs[run].flow], world.known, rows, data)
        if fault is not None:
            self.faults.append(f"a snapshot of run {run.int}: at seq {seq}, {fault} [snapshot]")

    def granted(self, session: Session, places: list[Place]) -> None:
        for place in places:
            name, token = (place.workspace, place.name), place.token or 0
            if token <= self._last.get(name, 0):
                self.faults.append(f"lock {place.name}: token {token} came after {self._last[name]} [lock]")
            self._last[name] = token
            if self._given.setdefault(token, (place.run, place.step)) != (place.run, place.step):
                self.faults.append(f"lock {place.name}: token {token} was given out before [lock]")
            self._passed_over(session, place)
        for name in sorted({(place.workspace, place.name) for place in places}):
            inside = self._inside(name)
            if inside and len(inside) > min(place.limit for place in inside):
                runs = ", ".join(str(place.run.int) for place in inside)
                self.faults.append(f"lock {name[1]}: {len(inside)} are inside, more than may: runs {runs} [lock]")

    def let_in(self, picked: list[RunRow], held: list[RunRow]) -> None:
        left = [row for row in held if row not in picked]
        for row in picked:
            if any((-one.priority, one.id) < (-row.priority, row.id) for one in left):
                self.faults.append(f"run {row.id.int} was let in before one that stood before it [line]")

    def taken(self, picked: list[RunRow], free: list[RunRow]) -> None:
        left = [row for row in free if row not in picked]
        counts = Counter(row.workspace for row in picked)
        for row in left:
            behind = (-row.priority, row.id)
            if any((-one.priority, one.id) > behind for one in picked if one.workspace == row.workspace):
                self.faults.append(f"run {row.id.int} was passed over by one of its own workspace [fairness]")
            if any(count > counts[row.workspace] + 1 for count in counts.values()):
                self.faults.append(f"run {row.id.int} was passed over, and others had more turns [fairness]")

    def breaker(self, breaker: Breaker, state: str, at: Instant, *, by_hand: bool) -> None:
        is_due = breaker.until is not None and breaker.until <= at
        legal = {
            ("closed", "closed"): True,
            ("closed", "open"): breaker.failures >= THRESHOLD,
            ("open", "half_open"): is_due,
            ("half_open", "half_open"): is_due,
            ("half_open", "open"): True,
            ("half_open", "closed"): True,
            ("open", "closed"): by_hand,
        }
        self.changes[f"{breaker.state} to {state}"] += 1
        if not legal.get((breaker.state, state), False):
            self.faults.append(f"the breaker of {breaker.target} went from {breaker.state} to {state} [breaker]")

    def reserved(self, credential: tuple[UUID, str], turn: Instant, apart: int) -> None:
        turns = self._turns[credential]
        if turns and turn - turns[-1] < apart:
            self.faults.append(
                f"the credential {credential[1]} gave out turns that are {turn - turns[-1]} apart [rate]"
            )
        turns.append(turn)

    def due(self, deliveries: list[Delivery]) -> None:
        places = [(one.message.id, one.destination.id if one.destination is not None else None) for one in deliveries]
        self._world.recorded(None, "due", places, [])

    def kept(self) -> None:
        self._world.people.hear_of_what_is_kept()

    def needed(self, uses: list[tuple[UUID, str]]) -> None:
        for run, name in uses:
            if name not in self._world.server.payloads:
                self.faults.append(f"run {run.int} needs the value {name[:8]}, and it isn't there [payload]")

    def swept(self, names: list[str]) -> None:
        wanted = [use for use, is_gone in self._world.server.needed.items() if use[1] in names and not is_gone]
        self._world.tell("people", f"have {len(names)} values deleted")
        self.faults += [
            f"run {run.int} needs the value {name[:8]}, and it was deleted [payload]" for run, name in wanted
        ]

    def ended(self, session: Session) -> None:
        self._world.recorded(session, "ended", None, [])

    # --- what began ---------------------------------------------------------------------------------------------

    def goes_on(self, goes: int, step: Step) -> None:
        """The next go of a work in several: with what a journal says that the last came to, and to the end it began with;
        what it has begun to take back it goes on to take back."""
        run = UUID(step.idempotency_key[:36])
        where = f"run {run.int}, step {step.key}:"
        self.farewells += step.leaving
        if step.state is None:
            if step.leaving:
                self.faults.append(f"{where} it is to take back what it never began [goes]")
            return
        told = [orjson.loads(one.data).get("again") for one in self._world.server.events[run] if one.step == step.key]
        if step.state not in told:
            self.faults.append(f"{where} it goes on with {step.state}, and no event says so [goes]")
        if step.state["of"] != goes:
            self.faults.append(f"{where} it began work of {step.state['of']} goes, and goes on to {goes} [goes]")
        if "left" in step.state and not step.leaving:
            self.faults.append(f"{where} it goes on with what it has begun to take back [goes]")

    def begun(self, process: "Process", url: str | None, step: Step) -> None:
        """An attempt reaches for the world."""
        run = self._world.server.runs[UUID(step.idempotency_key[:36])]
        node = self._world.node_of(run.flow, step.key)
        credential = node.node.credential if node is not None else None
        if credential is not None:
            key = run.workspace, credential
            self._asked[key] += 1
            if self._asked[key] > len(self._turns[key]):
                self.faults.append(f"run {run.id.int}, step {step.key}: the credential was asked out of turn [rate]")
            turn = self._waited_for(run.id, step)
            if turn is not None and (run.id, step.key, turn) in self._used:
                self.faults.append(
                    f"run {run.id.int}, step {step.key}: it used the turn that it waited for twice [rate]"
                )
            self._used.add((run.id, step.key, turn))
        elif (
            url is not None
            and isinstance(step.context, Context)
            and not process.hearsay.lets(run.workspace, "host:away.example")
        ):
            self.faults.append(f"run {run.id.int}, step {step.key}: it went on at an open breaker [breaker]")
        if step.lock_token is not None:
            holder, place = self._given.get(step.lock_token, (None, ""))
            if holder != run.id or not step.key.startswith(f"{place}/"):
                self.faults.append(f"run {run.id.int}, step {step.key}: token {step.lock_token} isn't its own [lock]")

    # --- in the end ---------------------------------------------------------------------------------------------

    def left_behind(self) -> list[str]:
        """Who is inside, or waits, when all has ended."""
        server = self._world.server
        return [
            f"run {row.id.int} stands in line for ever [line]"
            for row in server.runs.values()
            if row.held and row.finished_at is not None
        ]

    # --- parts --------------------------------------------------------------------------------------------------

    def _entered(self, run: UUID, step: str, token: int) -> None:
        if self._given.get(token) != (run, step):
            self.faults.append(f"run {run.int}, step {step}: it went in under token {token}, of another [lock]")

    def _went(self, row: RunRow, kind: str) -> None:
        going = self._going[row.flow, row.line or ""]
        if kind == "step_started":
            going.add(row.id)
            if len(going) > (row.line_limit or 0):
                runs = ", ".join(str(run.int) for run in sorted(going))
                self.faults.append(f"of a flow of which {row.line_limit} may go at once these do: runs {runs} [line]")
        elif kind in ENDS:
            going.discard(row.id)

    def _waited_for(self, run: UUID, step: Step) -> Instant | None:
        """The turn that an attempt comes with, by what is committed, where the step was put off until then.

        What a process does that was stopped and has lost the run meanwhile, it does on the turn of its own time.
        """
        rows = sorted(row for row in self._world.server.events[run] if row.step == step.key)
        starts = [row for row in rows if row.kind == "step_started" and orjson.loads(row.data)["seed"] == step.seed]
        for row in reversed(rows[: rows.index(starts[0])] if starts else rows):
            if row.kind != "step_started":
                told = orjson.loads(row.data)
                is_put_off = row.kind == "step_retrying" and told["error"]["code"] == rates.CODE
                return int(told["due"]) if is_put_off else None
        return None

    def _inside(self, name: tuple[UUID, str]) -> list[Place]:
        server = self._world.server
        return [
            place
            for place in server.places.values()
            if (place.workspace, place.name) == name
            and place.token is not None
            and not place.is_released
            and server.is_live(place.run)
        ]

    def _passed_over(self, session: Session, let_in: Place) -> None:
        """Who stood before it when it was looked who is next was let in no later."""
        server = self._world.server
        for place in server.places.values():
            if (
                place.id < let_in.id
                and (place.workspace, place.name) == (let_in.workspace, let_in.name)
                and place.token is None
                and place.came < session.looked
                and server.is_live(place.run)
            ):
                self.faults.append(f"lock {place.name}: run {let_in.run.int} came in before {place.run.int} [lock]")
