"""The relay: messages go out at least once, in order per key, later and later after a failure; schedules tick."""

from collections.abc import Iterator
from typing import Any

import pytest

from flows.journal.connection import connect_sync
from flows.models import Outbox
from flows.runtime import verbs
from flows.runtime.relay import Relay
from flows.security.safejson import Json

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
    with connect_sync("test") as connection:
        Relay().step(connection)


def message(key: str, payload: str = "{}", **fields: Any) -> Outbox:
    return Outbox.objects.create(topic="alert", key=key, payload=payload, **fields)


def test_a_message_goes_out_once(taught: Taught) -> None:
    message("a", '{"x":1}')
    step()
    step()
    assert taught.delivered == [("alert", "a", {"x": 1})]
    assert Outbox.objects.get().sent_at is not None


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
    assert bad.next_try_at > bad.created_at
    taught.refuses = set()
    step()
    assert len(taught.delivered) == 1  # not before its time


def test_schedules_tick_and_a_failing_one_stops_nothing(taught: Taught) -> None:
    taught.refuses = {"tick"}
    message("a")
    step()
    assert len(taught.ticks) == 1
    assert len(taught.delivered) == 1
