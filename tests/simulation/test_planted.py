"""Defects planted in the product are found by the simulation, each by a rule that is for it, and its story is told.

A defect is a line taken away: from the product's own code, or, where it stands in SQL, from what the simulated server
makes of that statement.
"""

from collections.abc import Callable, Mapping, Sequence
from heapq import heappush
from typing import Any
from uuid import UUID

import pytest

from flows.dsl.instants import Instant
from flows.engine import fold, fold_attempts, scopes, snapshot, transplant
from flows.engine.commands import StartAttempt
from flows.engine.events import AttemptLost, StepSucceeded, TimerSet
from flows.engine.outcomes import Postponed
from flows.engine.plan import NodePlan, Plan
from flows.engine.routing import make_ready, offer
from flows.engine.state import Footing, Scope, State
from flows.journal import flush as flushing
from flows.journal import kept, log, moved, unneeded
from flows.journal import writer as writing
from flows.journal.log import RunLog
from flows.journal.rows import Batch
from flows.runtime import claims, driver, lines, locks, parcels
from flows.runtime.breakers import Breakers
from flows.runtime.driver import RunDriver
from flows.runtime.parcels import Parcel, mark_sent
from flows.runtime.relay import Relay
from flows.runtime.simulation import keeping, relaying, sharing, statements
from flows.runtime.simulation.bounds import Bounds
from flows.runtime.simulation.play import play, played, shortest, story
from flows.runtime.simulation.server import Answer, Server, Session
from flows.runtime.simulation.world import World


def first_found(within: int, playing: Callable[[int], list[str]] = play) -> tuple[int, list[str]]:
    for seed in range(within):
        wrong = playing(seed)
        if wrong:
            return seed, wrong
    raise AssertionError(f"{within} histories did not find it")


def drop_the_fence(patch: pytest.MonkeyPatch) -> None:
    """Who knows where a run stands may write, whether or not it is still its own."""
    patch.setattr(statements, "is_its_owners", lambda row, fence, was: row.seq == was)


def take_every_write(patch: pytest.MonkeyPatch) -> None:
    """A write of whoever comes is taken for the owner's: neither fence nor seq is looked at, and no key refuses doubles.

    What is wrong is seen in the journals alone, by the rules that fsck has.
    """
    patch.setattr(statements, "is_its_owners", lambda row, fence, was: True)
    patch.setattr(Server, "has_keys", False)
    patch.setattr(Bounds, "accepted", lambda self, row, fence: None)


def drop_the_barrier(patch: pytest.MonkeyPatch) -> None:
    """Effects go out before what they rest on is committed."""
    patch.setattr(StartAttempt, "commits_first", False)


def fire_a_join_twice(patch: pytest.MonkeyPatch) -> None:
    def twice(state: State, scope: Scope, plan: NodePlan, *, taken: bool) -> None:
        step = scope.steps.get(plan.id)
        if taken and step is not None and step.status == "succeeded" and plan.need:
            make_ready(state, step)
        offer(state, scope, plan, taken=taken)

    patch.setattr(scopes, "offer", twice)


def fire_a_timer_twice(patch: pytest.MonkeyPatch) -> None:
    original = fold.FOLDS[StepSucceeded]

    def twice(plan: Plan, state: State, event: Any) -> None:
        step = state.steps[event.step]
        was_waiting = step.status == "waiting" and step.wait == ("timer", "")
        original(plan, state, event)
        if was_waiting and step.due is not None:
            step.status = "waiting"
            step.wait = ("timer", "again")
            heappush(state.timers, (step.due, step.key))

    patch.setitem(fold.FOLDS, StepSucceeded, twice)


def forget_a_field_in_snapshots(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(snapshot, "_COUNTS", tuple(name for name in snapshot._COUNTS if name != "taken"))


def lose_the_marks_of_letters(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RunLog, "consume", lambda self, message: None)


def forget_careful_mode(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(driver, "SUSPECT", 1_000_000)


def look_anew_at_each_attempt(patch: pytest.MonkeyPatch) -> None:
    """One key, two contents: what a step doesn't wait for comes between two of its attempts."""
    patch.setattr(fold_attempts, "footing_of", lambda state, step, at, seed: Footing(at, seed, frozenset()))


def forget_the_line(patch: pytest.MonkeyPatch) -> None:
    """Whoever came last is let in first."""

    def pick(server: Server, session: Session, values: Any) -> Answer:
        standing = sorted(
            (place for place in server.places.values() if place.token is None), key=lambda place: -place.id
        )
        chosen: dict[tuple[UUID, str], Answer] = {}
        for place in standing:
            chosen.setdefault((place.workspace, place.name), [(place.id, place.run)])
        first = {server.places[place].name for place, _ in sharing.pick(server, session, values)}
        return [row for (_, name), rows in chosen.items() if name in first for row in rows]

    patch.setitem(statements.STATEMENTS, locks.PICK, pick)


def give_a_token_twice(patch: pytest.MonkeyPatch) -> None:
    def grant(server: Server, session: Session, values: Any) -> Answer:
        server.tokens_drawn = 0
        return sharing.grant(server, session, values)

    patch.setitem(statements.STATEMENTS, locks.GRANT, grant)


def keep_a_lock_after_a_take_over(patch: pytest.MonkeyPatch) -> None:
    """Who goes on with a run of another leaves no line and lets go of no lock."""
    original = RunDriver._let_go

    def let_go(self: RunDriver, left: Mapping[str, int]) -> None:
        if self._claimed.orphaned:
            self._locks = dict(left)
        else:
            original(self, left)

    patch.setattr(RunDriver, "_let_go", let_go)


def look_after_no_session(patch: pytest.MonkeyPatch) -> None:
    """The server keeps a transaction whose client is gone, and what it has locked."""
    patch.setitem(statements.STATEMENTS, claims.SESSION, lambda server, session, values: [])


def let_all_of_a_line_in(patch: pytest.MonkeyPatch) -> None:
    def let_in(server: Server, session: Session, values: Any) -> Answer:
        for row in list(server.all_seen(session)):
            if row.held and (row.flow, row.line) in zip(values["flows"], values["lines"], strict=True):
                server.changed(session, row.id).held = False
        return []

    patch.setitem(statements.STATEMENTS, lines.LET_IN, let_in)


def let_two_try(patch: pytest.MonkeyPatch) -> None:
    """While one tries whether a target is there again, others reach for it as well."""
    original = Breakers.put_off

    async def put_off(self: Breakers, workspace: UUID, target: str, now: Instant) -> Postponed | None:
        trouble = self._known.get((workspace, target))
        return None if trouble and trouble.state == "half_open" else await original(self, workspace, target, now)

    patch.setattr(Breakers, "put_off", put_off)


def use_a_turn_twice(patch: pytest.MonkeyPatch) -> None:
    """Whose attempt was lost goes on without another turn."""
    original = fold.FOLDS[AttemptLost]

    def lost(plan: Plan, state: State, event: Any) -> None:
        error = state.steps[event.step].error
        original(plan, state, event)
        state.steps[event.step].error = error

    patch.setitem(fold.FOLDS, AttemptLost, lost)


def forget_the_order_of_messages(patch: pytest.MonkeyPatch) -> None:
    """Of a key, later ones go while an earlier one is tried again."""
    patch.setattr(relaying, "is_behind", lambda server, delivery: False)


def mark_before_it_is_brought(patch: pytest.MonkeyPatch) -> None:
    """A relay that dies in between leaves a message that never arrives."""
    original = Relay._deliver

    async def deliver(self: Relay, parcel: Parcel, connection: Any) -> Any:
        (me,) = connection.session.advisory
        await mark_sent(connection, me, parcel)
        return await original(self, parcel, connection)

    patch.setattr(Relay, "_deliver", deliver)


def keep_what_the_dead_have_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(statements.STATEMENTS, parcels.FREE, lambda server, session, values: [])


def send_for_the_first_run_alone(patch: pytest.MonkeyPatch) -> None:
    """Of several runs that are written together the messages of one are."""
    original = flushing.send

    async def send(connection: Any, batches: Sequence[Batch]) -> None:
        await original(connection, batches[:1])

    patch.setattr(flushing, "send", send)


def send_before_it_is_done(patch: pytest.MonkeyPatch) -> None:
    """A message in a transaction of its own, before the one that says what it speaks of."""
    original = flushing.flush

    async def flush(connection: Any, batches: Sequence[Batch]) -> flushing.Ours:
        await flushing.send(connection, batches)
        return await original(connection, batches)

    patch.setattr(writing, "flush", flush)


def say_of_no_value_that_it_is_needed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(log, "refs_of", lambda event: ())


def leave_unused_what_is_kept_already(patch: pytest.MonkeyPatch) -> None:
    """A value that is there already is not marked as used, and nobody has its row: a sweep takes it from under a run."""

    def keep(server: Server, session: Session, values: Any) -> Answer:
        there = [name not in server.payloads for name in values[0]]
        left = [[one for one, is_new in zip(column, there, strict=True) if is_new] for column in values]
        return keeping.keep(server, session, left)

    patch.setitem(statements.STATEMENTS, kept.KEEP, keep)


def sweep_what_is_needed(patch: pytest.MonkeyPatch) -> None:
    def sweep(server: Server, session: Session, values: Any) -> Answer:
        with pytest.MonkeyPatch.context() as blind:
            blind.setattr(server, "needed", {})
            return keeping.sweep(server, session, values)

    patch.setitem(statements.STATEMENTS, unneeded.SWEEP, sweep)


def leave_the_row_of_what_is_moved(patch: pytest.MonkeyPatch) -> None:
    """A run is moved to another version in its journal alone."""
    patch.setitem(statements.STATEMENTS, moved.MOVE, lambda server, session, values: [])


def move_work_that_is_under_way(patch: pytest.MonkeyPatch) -> None:
    """What has done a part of its work goes on with another version's settings; every history has such work and moves."""
    patch.setattr(World, "moves", True)
    patch.setattr(World, "has_goes", True)
    patch.setattr(transplant, "_between_goes", lambda plan, state, new: ())


def forget_that_a_farewell_was_asked_for(patch: pytest.MonkeyPatch) -> None:
    """What was to take back what it had begun is cut instead; every history has such work."""
    patch.setattr(World, "has_goes", True)
    original = fold.FOLDS[TimerSet]

    def forgotten(plan: Plan, state: State, event: Any) -> None:
        original(plan, state, event)
        state.steps[event.step].farewell = False

    patch.setitem(fold.FOLDS, TimerSet, forgotten)


PLANTED: list[tuple[str, Callable[[pytest.MonkeyPatch], None], int, tuple[str, ...]]] = [
    ("a dropped fence check", drop_the_fence, 60, ("fence",)),
    ("a write of whoever comes", take_every_write, 60, ("fence", "numbering", "fold", "one_result")),
    ("a missing barrier", drop_the_barrier, 200, ("effects",)),
    ("a join that fires twice", fire_a_join_twice, 60, ("one_result", "fold")),
    ("a timer that fires twice", fire_a_timer_twice, 60, ("one_result", "fold")),
    ("a snapshot that misses a field", forget_a_field_in_snapshots, 60, ("snapshot",)),
    ("a lost mark in the inbox", lose_the_marks_of_letters, 60, ("inbox",)),
    ("careful mode forgotten", forget_careful_mode, 60, ("liveness",)),
    ("one key, two contents", look_anew_at_each_attempt, 400, ("effects",)),
    ("a lock that forgets the line", forget_the_line, 400, ("lock",)),
    ("a token given twice", give_a_token_twice, 60, ("lock",)),
    ("a lock that is kept after a take-over", keep_a_lock_after_a_take_over, 400, ("lock",)),
    ("a session that nobody looks after", look_after_no_session, 600, ("liveness",)),
    ("a line without a limit", let_all_of_a_line_in, 60, ("line",)),
    ("a half-open breaker that lets two through", let_two_try, 1_000, ("breaker",)),
    ("a turn used twice", use_a_turn_twice, 600, ("rate",)),
    ("messages out of order", forget_the_order_of_messages, 400, ("outbox",)),
    ("a message marked before it is brought", mark_before_it_is_brought, 400, ("outbox",)),
    ("messages kept by the dead", keep_what_the_dead_have_taken, 400, ("outbox",)),
    ("messages of one run in a flush", send_for_the_first_run_alone, 600, ("outbox",)),
    ("a message without its state change", send_before_it_is_done, 600, ("outbox",)),
    ("a value that nobody is said to need", say_of_no_value_that_it_is_needed, 200, ("payload",)),
    ("a value that is not marked as used", leave_unused_what_is_kept_already, 600, ("payload",)),
    ("a sweep of what is needed", sweep_what_is_needed, 200, ("payload",)),
    ("a move of the journal alone", leave_the_row_of_what_is_moved, 60, ("projection", "program")),
    ("a move in the middle of work", move_work_that_is_under_way, 60, ("goes",)),
    ("a farewell that is forgotten", forget_that_a_farewell_was_asked_for, 60, ("goes",)),
]


@pytest.mark.parametrize(("plant", "within", "rules"), [one[1:] for one in PLANTED], ids=[one[0] for one in PLANTED])
def test_a_planted_defect_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], within: int, rules: tuple[str, ...]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        seed, wrong = first_found(within)
        assert any(f"[{rule}]" in sentence for rule in rules for sentence in wrong), wrong
        assert play(seed) == wrong
    assert play(seed) == []


def test_a_history_that_goes_wrong_is_told_with_no_more_misfortune_than_it_needs() -> None:
    with pytest.MonkeyPatch.context() as patch:
        drop_the_barrier(patch)
        wrong = (seed for seed in range(200) if play(seed))
        # What is wrong may need all the misfortune that there is.
        seed, without = next((seed, without) for seed in wrong if (without := shortest(seed)))
        assert played(seed, without)[1]
        lines = list(story(seed, without))
    assert any("reaches the world" in line for line in lines)
    assert any("step_started" in line for line in lines)
    assert lines[-1].endswith("[effects]")
