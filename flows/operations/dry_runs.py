"""A dry run: a document played in memory on an input of one's own, so that its way is seen before anything happens.

Conditions choose, pure nodes compute, and waits are over at once on a clock of its own. What would reach the world is
told with what it would be asked for, and is answered by the sample pinned to its node, or by nothing. Nothing is written
and nothing leaves the machine. It refuses to know who shows it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from flows.dsl.canonical import content_hash
from flows.dsl.document import Document
from flows.dsl.instants import Instant, format_instant
from flows.dsl.read import InvalidDocument, read_document
from flows.engine.commands import StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import Event, RunStarted
from flows.engine.outcomes import Outcome, Succeeded
from flows.engine.performing import perform
from flows.errors import MulgilError
from flows.journal.codec import encode
from flows.journal.rows import Row
from flows.models.base import new_id
from flows.nodes.installed import catalogue
from flows.operations import documents
from flows.operations.actor import Actor
from flows.operations.drafts import read_draft
from flows.operations.facts import facts_of
from flows.operations.flows import find_flow
from flows.operations.rehearsal import SECONDS, RehearsalTooLong, Stage
from flows.operations.validation import problems_of, unplannable
from flows.security import safejson
from flows.security.masking import Masker
from flows.security.safejson import Json

MOST_EVENTS: Final = 5_000
MOST_BYTES: Final = 4 * 1024 * 1024
_ASKS_PEOPLE: Final = frozenset({"flow.signal", "flow.approval"})
_PLAIN: Final = Masker()


class DryRunTooLong(MulgilError):
    """The dry run is too long to be told: over {events} events, {size} bytes or {seconds} seconds."""

    code = "dry_run_too_long"
    status = 422
    hint = "Give it a shorter list, or run it in earnest."

    def __init__(self) -> None:
        super().__init__(events=MOST_EVENTS, size=MOST_BYTES, seconds=round(SECONDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOfWorld:
    """What a step would have done outside: its node, by which effect class, asked for what; answered by a pin or not."""

    step: str
    node: str
    effect: str
    input: Json
    is_pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """`status` is the run's; one that waits for people or programs stays `waiting`, for nobody answers it."""

    status: str
    output: Json
    events: Sequence[Row]
    asked: Sequence[AskedOfWorld]


@dataclass(slots=True)
class _Length:
    """How many bytes there are to tell by now: counted as they come, for a thousand large values fill the memory first."""

    size: int = 0

    def add(self, text: str) -> None:
        self.size += len(text)
        if self.size > MOST_BYTES:
            raise DryRunTooLong


class _Journal(list[Event]):
    """Ends a run that never would, or that nobody could be told of. `rows` are its events as they are told."""

    def __init__(self, length: _Length) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._length = length

    def append(self, event: Event) -> None:
        if len(self) >= MOST_EVENTS:
            raise DryRunTooLong
        super().append(event)
        row = encode(event, len(self))
        self.rows.append(row)
        self._length.add(row.data)


@dataclass(slots=True)
class _World:
    """Answers for the world: by pins, else by nothing. `asked` grows with every answer."""

    pins: Mapping[str, Json]
    length: _Length
    asked: list[AskedOfWorld] = field(default_factory=list)

    def answer(self, start: StartAttempt, config: Json, now: Instant) -> tuple[Outcome, int]:
        node = start.node
        is_pinned = node.id in self.pins
        if node.type.name in _ASKS_PEOPLE and not is_pinned:
            return perform(node.type.name, config, now), 0
        told = AskedOfWorld(
            step=start.step, node=node.id, effect=start.effect, input=_PLAIN.json(config), is_pinned=is_pinned
        )
        self.length.add(safejson.dumps(told.input))
        self.asked.append(told)
        answer = _of_item(self.pins.get(node.id), start.step)
        ports = node.type.ports(node.node.config)
        port = answer.get("port") if isinstance(answer, dict) else None
        return Succeeded(answer, str(port) if port in ports else ports[0] if ports else "out"), 0


def _of_item(pin: Json, step: str) -> Json:
    """What is pinned for an item: a node that runs once per item has the list of their outputs pinned."""
    if not step.endswith("]") or not isinstance(pin, list):
        return pin
    place = int(step.removesuffix("]").rpartition("[")[2])
    return pin[place] if place < len(pin) else None


def dry_run(
    actor: Actor,
    flow: UUID,
    *,
    document: Json | None = None,
    given: Json | None = None,
    trigger: str | None = None,
) -> DryRun:
    """Play the document, or the flow's draft without one, on an input (an empty one).

    Raises NotFound, InputRefused, NoTrigger, DryRunTooLong, and InvalidDocument with what keeps it from being run.
    """
    draft = read_draft(actor, flow)
    raw = documents.from_text(draft.document) if document is None else document
    problems = unplannable(problems_of(actor, raw))
    if problems:
        raise InvalidDocument(problems)
    read = read_document(raw)
    facts = facts_of(read, content_hash(read))
    enters = facts.enter(trigger)
    body = facts.check_input({} if given is None else given, enters)
    started = RunStarted(at=time.time_ns() // 1_000, input=body, trigger=enters or None)
    return _play(read, started, about={"id": str(flow), "name": find_flow(actor, flow).name, "version": None})


def _play(document: Document, started: RunStarted, about: Mapping[str, Json]) -> DryRun:
    length = _Length()
    plan, world, journal = compile_plan(document, catalogue()), _World(document.pins, length), _Journal(length)
    run: dict[str, Json] = {"id": str(new_id()), "number": 0, "attempt": 1, "started_at": format_instant(started.at)}
    with Stage() as stage:
        try:
            roots = {"run": run, "flow": about}
            played = stage.replay(plan, started, answer=world.answer, roots=roots, journal=journal)
        except RehearsalTooLong:
            raise DryRunTooLong from None
    return DryRun(status=played.status, output=played.output_json, events=journal.rows, asked=world.asked)
