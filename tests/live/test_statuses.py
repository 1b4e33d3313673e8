"""What many ask at once over one connection, when that connection goes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from channels.db import database_sync_to_async

from flows.journal.connection import Line, conninfo
from flows.live import reader, statuses
from flows.live.reader import Reader
from flows.live.statuses import Statuses
from flows.models import Run
from tests.live.test_reader import cut

NOBODY = UUID(int=7)
Ask = Callable[[], Awaitable[Any]]


class Lingering(Line):
    """A connection whose closing takes until `may_close`, as over a network that is cut."""

    opened: list["Lingering"]
    closing: asyncio.Event
    may_close: asyncio.Event

    async def __aexit__(self, *given: object) -> None:
        self.closing.set()
        await self.may_close.wait()
        await super().__aexit__(*given)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> type[Lingering]:
    class Own(Lingering):
        opened: list[Lingering] = []
        closing = asyncio.Event()
        may_close = asyncio.Event()

    async def connect(name: str) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        Own.opened.append(await Own.connect(conninfo(name), autocommit=True))
        return Own.opened[-1]

    for module in (reader, statuses):
        monkeypatch.setattr(module, "connect", connect)
    return Own


async def test_all_who_ask_are_told_by_one_query_and_one_that_is_not_there_has_none(run: Run) -> None:
    own = Statuses()
    assert await asyncio.gather(own.of(run.pk), own.of(NOBODY), own.of(run.pk)) == ["queued", "", "queued"]


async def until_it_fails(ask: Ask) -> None:
    """The end of its connection comes through in a moment."""
    while True:
        await ask()


def asking_of_a_reader() -> Ask:
    own = Reader()
    return lambda: own.ask(("SELECT 1", ()))


def asking_for_a_status() -> Ask:
    own = Statuses()
    return lambda: own.of(NOBODY)


@pytest.mark.parametrize("made", [asking_of_a_reader, asking_for_a_status])
async def test_who_asks_while_a_broken_connection_closes_is_served_by_the_next(
    transactional_db: None, line: type[Lingering], made: Callable[[], Ask]
) -> None:
    ask = made()
    await ask()
    await database_sync_to_async(cut)(line.opened[0].info.backend_pid)
    with pytest.raises(psycopg.OperationalError):
        await until_it_fails(ask)
    await line.closing.wait()
    late = asyncio.ensure_future(ask())
    await asyncio.sleep(0)  # it has asked
    assert len(line.opened) == 1, "the first is closing still"
    line.may_close.set()
    await late
    assert len(line.opened) == 2


@pytest.mark.parametrize("made", [asking_of_a_reader, asking_for_a_status])
async def test_an_error_of_the_program_keeps_nobody_waiting(
    transactional_db: None, made: Callable[[], Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*given: object) -> None:
        raise LookupError("nobody foresaw this")

    ask = made()
    with monkeypatch.context() as patch:
        for module in (reader, statuses):
            patch.setattr(module, "_answer", fails)
        with pytest.raises(LookupError):
            await ask()
        for module in (reader, statuses):
            patch.setattr(module, "connect", fails)
        with pytest.raises(LookupError):
            await ask()
    await ask()
