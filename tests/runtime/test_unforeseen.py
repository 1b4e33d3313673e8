"""Errors of the program itself in what must live as long as its process: they are told, and what rests on it goes on.

Whatever ends is a real thread, or a real task on its loop; the errors are ones that nobody takes care of.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from flows.models import Delivery, Run
from flows.observe import lasting
from flows.runtime import relay as relaying
from flows.runtime import verbs
from flows.runtime.executor import Executor
from flows.runtime.leases import Lease
from flows.runtime.relay import Relay, Tended
from flows.runtime.station import Station
from flows.security.safejson import Json
from tests.crash.hatching import wait_until
from tests.runtime import nodes
from tests.runtime.house import QUICK, chain, drive, executing, publish, start
from tests.runtime.nodes import Catalogue, make
from tests.runtime.test_relay import Taught, message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "FIRST_PAUSE", 0.01)


class Failing(Taught):
    """Verbs that fail once each, by what nobody takes care of."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error
        self.fails = {"tick", "deliver"}

    def _fail(self, what: str) -> None:
        if what in self.fails:
            self.fails.discard(what)
            raise self.error

    def tick(self, now: int) -> int | None:
        super().tick(now)
        self._fail("tick")
        return None

    def deliver(self, topic: str, key: str, payload: Json) -> None:
        self._fail("deliver")
        super().deliver(topic, key, payload)


@pytest.fixture
def failing() -> Iterator[Callable[[BaseException], Failing]]:
    before = verbs.installed()

    def install(error: BaseException) -> Failing:
        made = Failing(error)
        verbs.install(made)
        return made

    yield install
    verbs._installed.verbs = before  # back to what it was


# --- the relay ------------------------------------------------------------------------------------------------


def is_sent(delivery: Delivery) -> bool:
    return Delivery.objects.filter(pk=delivery.pk, state="sent").exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_relay_whose_thread_dies_is_begun_again_and_brings_what_waits(
    failing: Callable[[BaseException], Failing], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What ends a thread through its loop: nothing inside can take care of it."""
    failing(AssertionError()).fails = set()
    asked = relaying.installed
    dying: list[threading.Thread] = []

    def dies_once() -> Any:
        if not dying:
            dying.append(threading.current_thread())
            raise SystemExit
        return asked()

    monkeypatch.setattr(relaying, "installed", dies_once)
    sent, tended = message("a"), Tended()
    tended.look()
    wait_until(lambda: bool(dying) and not dying[0].is_alive(), "the relay's thread lives on")

    def is_brought() -> bool:
        tended.look()  # as the broker does, again and again
        return is_sent(sent)

    with caplog.at_level(logging.ERROR):
        wait_until(is_brought, "nobody brought the message")
    tended.stop()
    assert dying[0].name == "relay"
    assert sum("thread has died" in record.message for record in caplog.records) == 1


def test_a_relay_that_dies_again_and_again_is_begun_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that is given: no time passes."""
    now, begun = [1_000.0], list[float]()
    monkeypatch.setattr(lasting, "FIRST_PAUSE", 0.5)
    monkeypatch.setattr(relaying, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(Relay, "start", lambda self: begun.append(now[0]))
    monkeypatch.setattr(Relay, "has_died", property(lambda self: True))
    tended = Tended()
    for _ in range(1_000):
        tended.look()
        now[0] += 0.1
    waits = [round(after - before, 1) for before, after in pairwise(begun)]
    assert waits[:4] == [0.6, 1.1, 2.1, 4.1]
    assert max(waits) < 31


def test_an_error_in_a_look_at_schedules_keeps_no_message_back(
    failing: Callable[[BaseException], Failing], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "TICK_AT_LEAST", 1)
    taught = failing(TypeError("nobody foresaw this"))
    taught.fails = {"tick"}
    sent, relay = message("a"), Relay()
    relay.start()
    wait_until(lambda: is_sent(sent) and len(taught.ticks) > 1, "the relay does not go on")
    relay.stop()
    assert taught.delivered == [("alert", "a", {})]
    assert any("schedules ended by an error of the program" in record.message for record in caplog.records)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_sink_that_ends_the_thread_it_was_given_is_tried_again(failing: Callable[[BaseException], Failing]) -> None:
    taught = failing(SystemExit())
    taught.fails = {"deliver"}
    sent, relay = message("a"), Relay(every=0.01)
    relay.start()
    wait_until(lambda: is_sent(sent), "the message did not go out")
    relay.stop()
    sent.refresh_from_db()
    assert (sent.tries, taught.delivered) == (2, [("alert", "a", {})])


# --- the executor ---------------------------------------------------------------------------------------------


async def raises(*given: object) -> None:
    raise LookupError("nobody foresaw this")


@pytest.mark.parametrize(
    ("owner", "part"),
    [(Lease, "_beat"), (Station, "_hear"), (Executor, "_beat")],
    ids=["its lease", "its bell", "its beat"],
)
def test_an_executor_that_loses_a_part_drops_its_runs_and_begins_anew(
    owner: type, part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = start(publish(chain(1, {"type": "test.node"})))

    async def loses() -> None:
        async with executing(catalogue=Catalogue(make(nodes.telling)), pace=QUICK) as executor:
            with monkeypatch.context() as patch:
                patch.setattr(owner, part, raises)
                await executor.turn()
            assert executor._station.is_lost
            assert not executor._station.is_open
            await executor.turn()

    with caplog.at_level(logging.ERROR):
        asyncio.run(loses())
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert any("ended by an error of the program" in record.message for record in caplog.records)


def test_an_error_in_a_look_leaves_the_runs_to_others_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(publish(chain(1, {"type": "test.node"})))

    async def fails() -> None:
        async with executing(catalogue=Catalogue(make(nodes.forever)), pace=QUICK) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            monkeypatch.setattr(executor, "_look", raises)
            executor.look()
            with pytest.raises(LookupError):
                await turn
            assert not executor.drivers
            assert not executor._station.is_open

    asyncio.run(fails())
    assert Run.objects.get(pk=run.pk).owner is not None
    drive(catalogue=Catalogue(make(nodes.telling)))
    run.refresh_from_db()
    assert (run.status, run.fence) == ("succeeded", 2)
