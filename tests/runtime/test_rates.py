"""Rates of credentials: turns lie evenly apart, whoever asks; nobody fails for having to wait."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

import pytest

from flows.engine.events import StepRetrying
from flows.errors import BadInput
from flows.journal import writer as writing
from flows.journal.connection import connect
from flows.journal.flush import Ours
from flows.journal.rows import Batch
from flows.models import Credential
from flows.nodes.base import Effect, Json, NodeConfig, Step, node
from flows.operations.credentials import Rate, change_credential, create_credential
from flows.runtime.clock import VirtualClock
from flows.runtime.equipment import Reading, patient
from flows.runtime.rates import CODE, Rates
from tests.cast import Person, person
from tests.runtime.house import chain, drive, journal, publish, start
from tests.runtime.nodes import Catalogue

pytestmark = pytest.mark.django_db(transaction=True)

T0 = 1_800_000_000_000_000
SECOND = 1_000_000


@pytest.fixture
def editor() -> Person:
    return person("editor", "editor")


def asking(scenario: Callable[[Reading], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        async with await connect("test") as connection:

            async def same() -> Any:
                return connection

            await scenario(patient(same))

    asyncio.run(run())


def paced(editor: Person, rate: Rate | None) -> Credential:
    return create_credential(
        editor.actor, name="pay", kind="bearer", values={"token": "x"}, hosts=["pay.example"], rate=rate
    )


def test_turns_lie_evenly_apart_whoever_asks(editor: Person) -> None:
    home = paced(editor, Rate(limit=4, per="2s")).workspace_id

    async def scenario(read: Reading) -> None:
        one, other = Rates(read), Rates(read)
        assert await one.put_off(home, "pay", T0) is None
        turns = [await each.put_off(home, "pay", T0) for each in (other, one, other)]
        assert [turn.due - T0 for turn in turns if turn] == [SECOND // 2, SECOND, 3 * SECOND // 2]
        assert await one.put_off(home, "pay", T0 + 10 * SECOND) is None, "what was not asked meanwhile is not saved up"
        late = await other.put_off(home, "pay", T0 + 10 * SECOND)
        assert late is not None
        assert late.due == T0 + 10 * SECOND + SECOND // 2

    asking(scenario)


def test_a_credential_without_a_rate_is_never_written(editor: Person) -> None:
    home = paced(editor, None).workspace_id

    async def scenario(read: Reading) -> None:
        assert [await Rates(read).put_off(home, "pay", T0) for _ in range(5)] == [None] * 5

    asking(scenario)
    assert Credential.objects.get().rate_at is None


def test_a_rate_is_set_changed_and_taken_away(editor: Person) -> None:
    made = paced(editor, Rate(limit=10, per="1m"))
    assert (made.rate_limit, made.rate_per) == (10, timedelta(minutes=1))
    assert change_credential(editor.actor, made.pk, name="pay").rate_limit == 10
    assert change_credential(editor.actor, made.pk, rate=Rate(limit=5, per="1h")).rate_limit == 5
    assert change_credential(editor.actor, made.pk, unpaced=True).rate_limit is None
    with pytest.raises(BadInput):
        change_credential(editor.actor, made.pk, rate=Rate(limit=5, per="soon"))


class Nothing(NodeConfig):
    pass


def test_a_step_over_the_rate_waits_its_turn_once_and_spends_no_attempt(editor: Person) -> None:
    called: list[int] = []

    async def ask(config: Nothing, step: Step) -> Json:
        await asyncio.sleep(0)
        called.append(step.attempt)
        return None

    asks = node("test.node", label="ask", icon="bug", category="test", effect=Effect.READ, credential="bearer")(ask)
    paced(editor, Rate(limit=20, per="1s"))
    home = Credential.objects.get().workspace
    version = publish(chain(1, {"type": "test.node", "credential": "pay"}), home=home)
    runs = [start(version) for _ in range(4)]
    drive(catalogue=Catalogue(asks))
    for run in runs:
        run.refresh_from_db()
    assert [run.status for run in runs] == ["succeeded"] * 4
    assert called == [1] * 4
    waits = [event for run in runs for event in journal(run) if isinstance(event, StepRetrying)]
    assert {wait.error.code for wait in waits} <= {CODE}
    assert len(waits) <= 3, "a turn that was waited for is not reserved again"


def test_an_attempt_that_uses_the_turn_it_waited_for_begins_when_its_start_is_committed(
    editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever goes on after a crash would use the turn once more: it would know of no attempt that had it."""
    committed: list[str] = []
    known: list[str] = []
    original = writing.flush

    async def slowly(connection: Any, batches: Sequence[Batch]) -> Ours:
        await asyncio.sleep(0.05)
        ours = await original(connection, batches)
        committed.extend(row.kind for batch in batches for row in batch.rows if row.step == "n0")
        return ours

    async def ask(config: Nothing, step: Step) -> Json:
        await asyncio.sleep(0)
        known.append(committed[-1] if committed else "")
        return None

    asks = node("test.node", label="ask", icon="bug", category="test", effect=Effect.READ, credential="bearer")(ask)
    paced(editor, Rate(limit=1, per="5s"))
    home = Credential.objects.get().workspace
    version = publish(chain(1, {"type": "test.node", "credential": "pay"}), home=home)
    start(version)
    drive(catalogue=Catalogue(asks), clock=VirtualClock(start=T0))
    waiting = start(version)
    drive(catalogue=Catalogue(asks), clock=VirtualClock(start=T0))
    assert [event.due for event in journal(waiting) if isinstance(event, StepRetrying)] == [T0 + 5 * SECOND]
    monkeypatch.setattr(writing, "flush", slowly)
    drive(catalogue=Catalogue(asks), clock=VirtualClock(start=T0 + 5 * SECOND))
    assert known[1:] == ["step_started"]
