"""The world of one seed: processes, a server, people who write letters, misfortune, and what effects reach it.

It decides what happens when, and all of that by dice of its seed. How the product takes it is the product's own code; what
must hold afterwards is `judging`'s to say.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import orjson

from flows.dsl.instants import Instant
from flows.dsl.read import read_document
from flows.engine.compile import compile_plan
from flows.engine.plan import NodePlan, Plan
from flows.journal.flush import POST
from flows.journal.rows import ChildRow
from flows.journal.values import settle
from flows.nodes.base import Again, NotSent, Permanent, Recoverable, Step, Unanswered
from flows.nodes.errors import Critical
from flows.runtime.executor import Pace
from flows.runtime.simulation.bounds import Bounds
from flows.runtime.simulation.clerk import Clerk, Stand
from flows.runtime.simulation.drawing import (
    KEY,
    LARGE,
    add_goes,
    add_large,
    add_messages,
    add_target,
    draw_flows,
    mended,
    with_other_goes,
)
from flows.runtime.simulation.keeping import OLD
from flows.runtime.simulation.misfortune import draw_halts, draw_mishaps
from flows.runtime.simulation.people import People
from flows.runtime.simulation.process import Process
from flows.runtime.simulation.receivers import Receivers, draw_destinations
from flows.runtime.simulation.rows import Kept
from flows.runtime.simulation.server import ENDED, Key, Locked, Server, Session
from flows.runtime.simulation.statements import post
from flows.runtime.simulation.tasks import CATALOGUE, TaskConfig
from flows.runtime.verbs import CallOrder

SECOND: Final = 1_000_000
EXECUTORS: Final = 3
PATIENCE: Final = 400 * SECOND
LONGER: Final = 4 * PATIENCE  # where work is done in goes, up to nine seconds apart, in loops that call others
APART: Final = (SECOND // 4, SECOND)
FAR: Final = 1_000_000_000
"""From a version's id to that of the next: ids of their own would change all that are given after."""
STEPS: Final = 60_000
"""So many steps of loops are no history but a circle."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What reached the world under a key."""

    at: Instant
    attempt: int
    content: Any


class World:
    """One history. `go` plays it."""

    def __init__(self, seed: int, without: frozenset[int] = frozenset()) -> None:
        self.seed = seed
        self.now: Instant = SECOND
        self.net = self.dice("network")
        self.fates, self.going = self.dice("fates"), self.dice("going")
        self.chance = self.dice("world")
        self.catalogue = CATALOGUE
        self.server = Server(lambda: self.now)
        beside = self.dice("beside")
        self.publishes, self.is_large = beside.random() < 0.2, beside.random() < 0.12
        """Whether runs publish messages, and relays bring them; whether some values are kept beside the journal."""
        self.patience: Instant = LONGER if self.has_goes else PATIENCE
        self.trouble_ends: Instant = self.chance.choice((6, 12, 30)) * SECOND
        drawn = self.chance.choice((5, 15, 60, 500))
        self.snapshots_after = 1 if self.dice("snapshots").random() < 0.15 else drawn
        self.processes: list[Process] = []
        self.plans: dict[UUID, Plan] = {}
        self.flows: dict[str, tuple[UUID, UUID, str]] = {}
        self.sent: dict[str, list[Sent]] = defaultdict(list)
        self.calls: dict[UUID, CallOrder] = {}
        self.left: dict[str, bytes] = {}
        """Values that were there before, by their hash."""
        self.readings = self.steps = 0
        self.ids = 0
        self.story: list[tuple[Instant, str, str]] = []
        self.trace: list[tuple[Any, ...]] | None = None
        self._agenda: list[tuple[Instant, float, int, Callable[[], None]]] = []
        self._order = self.dice("order")
        self._entries = 0
        self.stands: dict[UUID, Stand] = {}
        self.bounds = Bounds(self)
        self.server.watch = self.bounds
        self.clerk = Clerk(self)
        self.workspaces = self.new_id(), self.new_id()
        begins = self.chance.randint(1, 5) * SECOND
        outage, away = (begins, begins + self.chance.choice((3, 10, 20)) * SECOND), self.dice("away")
        self.depends = away.random() < 0.12
        """Whether much depends on what is away, which it is from the beginning."""
        self.outage = (0, away.choice((12, 45)) * SECOND) if self.depends else outage
        self.receivers = Receivers(self)
        self._relays = self.dice("relays")
        self._publish()
        self.people = People(self)
        # A process that is stopped at any time has nothing in hand, and who takes a run over has soon written something: it
        # takes one that is stopped just then, and one that has much to read, for a write that only its fence refuses.
        late = self.dice("late")
        self.slow_reads = late if late.random() < 0.2 else None  # how long it takes to read what was taken
        halts = draw_halts(late, self.trouble_ends) if self.slow_reads is not None else []
        self.mishaps = sorted([*draw_mishaps(self.dice("mishaps"), self.trouble_ends), *halts], key=lambda one: one.at)
        self.befallen = [mishap for place, mishap in enumerate(self.mishaps) if place not in without]

    @cached_property
    def known(self) -> dict[str, Plan]:
        """The plans of all versions, by their documents' hashes."""
        return {}

    @cached_property
    def mended(self) -> dict[UUID, Plan]:
        """The plans of the versions that came later, by their flows."""
        return {}

    @cached_property
    def moves(self) -> bool:
        """Whether runs are moved to another version of their flow, and back."""
        return self.dice("moves").random() < 0.15

    @cached_property
    def has_goes(self) -> bool:
        """Whether some tasks do their work in several goes."""
        return self.dice("goes").random() < 0.15

    def dice(self, name: str) -> random.Random:
        return random.Random(f"{self.seed} {name}")  # noqa: S311  # seeded on purpose: a history repeats exactly

    def _publish(self) -> None:
        documents, beside = draw_flows(self.dice("flows")), self.dice("documents")
        if self.publishes:
            self.server.destinations = draw_destinations(beside, self.workspaces, self)
        if self.is_large:
            self._leave_behind(beside)
        for document in documents:
            if self.depends:
                add_target(beside, document)
            if self.publishes:
                add_messages(beside, document)
            if self.is_large:
                add_large(beside, document)
            goes = self.dice(f"goes of {document['name']}")
            if self.has_goes:
                add_goes(goes, self.dice(f"farewells of {document['name']}"), document)
            flow, version = self.new_id(), self.new_id()
            name = document["name"]
            self.flows[name] = flow, version, f"{name}-{self.seed}"
            self.server.flow_names[flow] = name
            self.plans[flow] = self._version(flow, 1, version, f"{name}-{self.seed}", document)
            if self.moves:
                later, digest = UUID(int=version.int + FAR), f"{name}-{self.seed}-mended"
                new = with_other_goes(goes, mended(self.dice("mended"), document))
                self.mended[flow] = self._version(flow, 2, later, digest, new)
            self._give_keys(document)
            limited = document["settings"].get("concurrency")
            if limited is not None:
                self.stands[flow] = Stand(limited["limit"], limited["when_full"])

    def _version(self, flow: UUID, number: int, version: UUID, digest: str, document: dict[str, Any]) -> Plan:
        self.server.versions[version, digest] = orjson.dumps(document).decode()
        self.server.numbered[flow, number, digest] = version
        self.known[digest] = compile_plan(read_document(document), self.catalogue)
        return self.known[digest]

    def node_of(self, flow: UUID, step: str) -> NodePlan | None:
        """The node of a step's key, in whichever version has it; one that both have is the same in both."""
        name = step.rpartition("/")[2].partition("[")[0]
        plans = (self.plans[flow], self.mended.get(flow))
        return next((plan.nodes[name] for plan in plans if plan is not None and name in plan.nodes), None)

    def _leave_behind(self, dice: random.Random) -> None:
        """Values of runs that are long gone, which the runs of this history may begin to need."""
        for value in dice.sample(LARGE, dice.randint(4, len(LARGE))):
            _, payload = settle(value)
            assert payload is not None
            self.left[payload.hash] = payload.data
            self.server.payloads[payload.hash] = Kept(payload.data, self.now - OLD)

    def _give_keys(self, document: dict[str, Any]) -> None:
        if any(node.get("credential") for node in document["nodes"]) and not self.server.credentials:
            for workspace in self.workspaces:
                self.server.credentials[workspace, KEY] = Key(self.new_id(), b"", self.chance.choice(APART))

    # --- time -----------------------------------------------------------------------------------------------------

    @property
    def is_troubled(self) -> bool:
        return self.now < self.trouble_ends

    def new_id(self) -> UUID:
        self.ids += 1
        return UUID(int=self.ids)

    def at(self, instant: Instant, call: Callable[[], None]) -> None:
        """Have something happen; what is due at one instant happens in an order of chance."""
        self._entries += 1
        heapq.heappush(self._agenda, (max(instant, self.now), self._order.random(), self._entries, call))

    def tell(self, who: object, what: str) -> None:
        name = f"process {who.number}" if isinstance(who, Process) else str(who)
        self.story.append((self.now, name, what))

    def recorded(self, session: Session | None, query: str, values: Any, rows: list[Any]) -> None:
        """For whoever plays the statements elsewhere, in the order in which they took effect."""
        if self.trace is not None:
            self.trace.append((session, query, values, rows))

    # --- going on -------------------------------------------------------------------------------------------------

    def go(self) -> None:
        for _ in range(EXECUTORS):
            self.hire()
        for mishap in self.befallen:
            self.at(mishap.at, lambda mishap=mishap: mishap.strike(self))  # type: ignore[misc]  # bound now
        self.people.begin()
        while not self._is_over() and self.now < self.patience and self.steps < STEPS:
            self._step()

    def end(self) -> None:
        """Nobody goes on."""
        for process in self.processes:
            process.bury()

    def _is_over(self) -> bool:
        """Whether all have ended; looked at when something was committed."""
        if not self.server.has_news:
            return False
        self.server.has_news = False
        if self.publishes and not self.receivers.are_done:
            return False
        return self.people.have_begun and all(row.status in ENDED for row in self.server.runs.values())

    def _step(self) -> None:
        """One process runs what it has ready; where none has, time goes on to whatever is next."""
        ready = [one for one in self.processes if one.loop.ready and not one.is_frozen]
        if ready:
            self.steps += 1
            (ready[0] if len(ready) == 1 else ready[int(self._order.random() * len(ready))]).loop.step()
            return
        soonest = min([one.loop.next_timer() for one in self.processes if not one.is_frozen], default=self.patience)
        agenda = self._agenda
        if agenda and agenda[0][0] <= soonest:
            self.now = max(self.now, agenda[0][0])
            heapq.heappop(agenda)[3]()
        else:
            self.now = max(self.now, int(min(soonest, self.patience)))
        for one in self.processes:
            if not one.is_frozen and one.loop.next_timer() <= self.now:
                one.loop.ring()

    def hire(self) -> None:
        """A new process, with a pace and a clock of its own."""
        dice = self.chance
        pace = Pace(
            look=dice.choice((1.0, 2.0, 4.0)), linger=dice.choice((0.2, 600.0, 600.0)), slice=dice.choice((5.0, 600.0)),
            grace=1.0, beat=600.0, batch=dice.choice((48, 48, 48, 1)), runs=dice.choice((256, 256, 256, 2)),
        )  # fmt: skip
        skew = dice.choice((0, 0, 0, -3, 2)) * SECOND
        self.ids += 1
        relays = self._relays.choice((1.0, 3.0)) if self.publishes else None
        self.processes.append(Process(self, self.ids, pace, skew, relays))

    def kill(self, process: Process) -> None:
        if process.lives:
            self.tell(process, "is killed")
            process.die()
            self.at(self.now, lambda: self.bury(process))

    def bury(self, process: Process) -> None:
        """The process is gone; its host begins another."""
        process.bury()
        if process in self.processes:
            self.processes.remove(process)
            self.at(self.now + self.chance.choice((1, 1, 3, 12)) * SECOND // 2, self.hire)

    def sweep(self) -> None:
        """The server ends sessions whose transaction fell silent."""
        for session in list(self.server.sessions):
            if self.server.is_idle(session):
                self.server.end(session)

    # --- what runs reach ------------------------------------------------------------------------------------------

    async def perform(self, process: Process, config: TaskConfig, step: Step) -> Any:
        """What an attempt does in the world, and what comes of it."""
        dice = self.fates
        self.bounds.begun(process, config.url, step)
        self.bounds.goes_on(config.goes, step)
        if config.poison:
            self.tell(process, f"{step.key} kills it")
            self.kill(process)
        lasts = dice.choice((0, 0.001, 0.02, 0.3, 2.0) if config.url is None else (0.001, 0.3, 8.0))
        before = lasts * dice.random()
        fate = dice.random()
        is_away = config.url is not None and self.outage[0] <= self.now < self.outage[1]
        if is_away and self.depends:
            raise NotSent("the world is away")
        if config.fails or fate > 0.96:
            raise Permanent("refused")
        if fate > 0.95:
            raise Critical("refused, and look at it")
        if fate < 0.04 or is_away:
            raise NotSent("the world was away")
        await process.pause(before)
        self.sent[step.idempotency_key].append(Sent(self.now, step.attempt, [config.of, step.clock, step.seed]))
        self.tell(process, f"{step.key}, attempt {step.attempt}, reaches the world with {str(config.of)[:200]}")
        await process.pause(lasts - before)
        if fate < 0.12:
            raise Recoverable("not now", retry_after=dice.choice((None, 0.05, 4.0)))
        if fate < 0.15:
            raise Unanswered("silence")
        if (goes_on := self._goes_on(config, step)) is not None:
            return goes_on
        self.readings += 1
        return self.readings if config.large is None else LARGE[config.large]

    def _goes_on(self, config: TaskConfig, step: Step) -> Again | None:
        """What is left of a work in several goes; one that leaves takes back what it has done, go by go, but for what is done
        already."""
        state: dict[str, Any] = {"gone": 0, "of": config.goes} if step.state is None else dict(step.state)
        gone, left = state["gone"], state.get("left", 0)
        if gone >= config.goes:
            return None
        if step.leaving and left >= gone:
            raise Permanent("taken back")
        further = {"left": left + 1} if step.leaving else {"gone": gone + 1}
        wait = self.going.choice((SECOND // 5, 2 * SECOND, 9 * SECOND))
        return Again(step.began + wait, state | further, config.farewell)

    def called(self, order: CallOrder) -> ChildRow | None:
        """The run that a call makes, once the journal says so."""
        found = self.flows.get(order.flow)
        if found is None:
            return None
        flow, version, document_hash = found
        child, stand = self.new_id(), self.stands.get(flow)
        self.calls[child] = order
        return ChildRow(
            id=child, workspace=order.workspace, flow=flow, version=version, document_hash=document_hash, trigger="start",
            input="{}", sequence="numbers", queue="default", step=order.step, depth=order.depth + 1, awaited=order.waits,
            priority=order.priority, line="" if stand else None, line_limit=stand.limit if stand else None,
        )  # fmt: skip

    def start(self, flow: str, *, line: str, priority: int, done: Callable[[bool], None]) -> UUID:
        """A run is queued, as the API does it."""
        found, version, document_hash = self.flows[flow]
        run, stand = self.new_id(), self.stands.get(found)
        self.server.numbers += 1
        values = {
            "id": run, "workspace": self.chance.choice((*self.workspaces[:1], *self.workspaces)), "flow": found,
            "version": version, "hash": document_hash, "number": self.server.numbers, "priority": priority,
            "line": line if stand else None, "line_limit": stand.limit if stand else None,
        }  # fmt: skip
        self.tell("people", f"start run {run.int} of {flow}")
        self.clerk.carry_out(self.clerk.start(values, stand), done)
        return run

    def write(self, run: UUID, kind: str, payload: Any, *, name: str = "", key: str | None = None) -> None:
        """A letter to a run, as people send it: it waits for whoever has the run's row."""
        letter = self.new_id()
        values = [[letter], [run], [kind], [name], [key], [orjson.dumps(payload).decode()]]
        session = self.server.connect("people")

        def deliver() -> None:
            post(self.server, session, values)
            self.recorded(None, POST, values, [])

        def send() -> None:
            try:
                self.server.by_itself(session, deliver)
            except Locked:
                self.server.waiting.append(send)
                return
            self.server.end(session)
            self.server.ring("")

        self.tell("people", f"write {kind} {name} {key or ''} to run {run.int}".replace("  ", " "))
        send()
