"""The relay: messages go out at least once, in order per key, later and later after a failure; schedules tick."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from flows.journal.connection import connect, connect_sync
from flows.models import Delivery, Outbox
from flows.operations.messages import lay_down
from flows.runtime import verbs
from flows.runtime.relay import Relay
from flows.security.safejson import Json
from tests.crash.hatching import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Taught:
    """Verbs that remember, and fail as told."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str, Json]] = []
        self.ticks: list[int] = []
        self.refuses: set[str] = set()

    def tick(self, now: int) -> int | None:
        self.ticks.append(now)
        if "tick" in self.refuses:
            raise ValueError("no tick")
        return None

    def deliver(self, topic: str, key: str, payload: Json) -> None:
        if key in self.refuses:
            raise ConnectionError("mail server away\x00")
        self.delivered.append((topic, key, payload))


@pytest.fixture
def taught() -> Iterator[Taught]:
    before, taught = verbs.installed(), Taught()
    verbs.install(taught)
    yield taught
    verbs._installed.verbs = before  # back to what it was


def step() -> None:
    asyncio.run(Relay().once())


def message(key: str, payload: str = "{}") -> Delivery:
    lay_down([made := Outbox(topic="alert", key=key, payload=payload)])
    return Delivery.objects.get(message_id=made.pk)


def test_a_message_goes_out_once(taught: Taught) -> None:
    message("a", '{"x":1}')
    step()
    step()
    assert taught.delivered == [("alert", "a", {"x": 1})]
    assert Delivery.objects.get().state == "sent"


def test_messages_of_a_key_go_out_in_order(taught: Taught) -> None:
    for n in range(3):
        message("a", str(n))
    for _ in range(3):
        step()
    assert [payload for _, _, payload in taught.delivered] == [0, 1, 2]


def test_a_failure_is_remembered_and_holds_up_only_its_key(taught: Taught) -> None:
    taught.refuses = {"a"}
    bad = message("a")
    message("a")
    message("b")
    step()
    assert [key for _, key, _ in taught.delivered] == ["b"]
    bad.refresh_from_db()
    assert (bad.tries, bad.last_error) == (1, "mail server away\ufffd")
    assert bad.next_try_at > bad.since
    taught.refuses = set()
    step()
    assert len(taught.delivered) == 1  # not before its time


def test_schedules_tick_and_a_failing_one_stops_nothing(taught: Taught) -> None:
    taught.refuses = {"tick"}
    message("a")
    step()
    assert len(taught.ticks) == 1
    assert len(taught.delivered) == 1


def test_a_relay_whose_connection_is_ended_in_mid_delivery_sends_again_on_another(
    taught: Taught, monkeypatch: pytest.MonkeyPatch
) -> None:
    """57P01 comes where nobody asked for anything."""
    opened: list[Any] = []

    async def connecting(name: str) -> Any:
        opened.append(await connect(name))
        return opened[-1]

    def deliver(topic: str, key: str, payload: Json) -> None:
        Taught.deliver(taught, topic, key, payload)
        if len(taught.delivered) == 1:
            end(opened[0].info.backend_pid)

    monkeypatch.setattr(taught, "deliver", deliver)
    sent = message("a", "1")
    relay = Relay(connecting)
    relay.start()
    wait_until(lambda: Delivery.objects.filter(pk=sent.pk, state="sent").exists(), "the message did not go out")
    relay.stop()
    assert taught.delivered == [("alert", "a", 1)] * 2
    assert len(opened) == 2


def end(pid: int) -> None:
    """Until the server has ended that session."""
    with connect_sync("test end") as other:
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        gone = "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = %s)"
        wait_until(lambda: other.execute(gone, (pid,)).fetchone() == (True,), "the session goes on")
