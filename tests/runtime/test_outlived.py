"""Who took a run over from whom: from one that died, or from one that lost its database and lives.

Only a death says something of the steps it cut: two make one suspect, which is performed alone from then on.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from flows.engine.events import AttemptLost
from flows.journal.connection import connect
from flows.models import Run
from flows.runtime.executor import Executor, Pace
from flows.runtime.station import Station
from tests.runtime import nodes
from tests.runtime.house import chain, die_in_mid_step, executing, journal, publish, start, vanish
from tests.runtime.nodes import Catalogue, make

pytestmark = pytest.mark.django_db(transaction=True)

PACE = Pace(look=0.05, linger=0.3)
SERVER_BEGAN_SINCE = "UPDATE flows_executor SET seen_at = pg_postmaster_start_time() - interval '1 second'"
Before = Callable[[Executor], Awaitable[None]]


def station_of(executor: Executor) -> Station:
    return executor._station  # what befalls it has no lawful way


async def somebody_dies(executor: Executor) -> None:
    catalogue = Catalogue(make(nodes.forever, name="log"))
    await asyncio.to_thread(die_in_mid_step, catalogue)


async def all_lose_their_leases(executor: Executor) -> None:
    """One with a run in hand, and the one that takes it over, which comes back."""
    await station_of(executor).open()
    await somebody_dies(executor)
    await vanish(executor)


async def the_server_is_started_anew(executor: Executor) -> None:
    await somebody_dies(executor)
    async with await connect("test") as connection:
        await connection.execute(SERVER_BEGAN_SINCE)


@pytest.mark.parametrize(
    ("befalls", "cause"),
    [
        pytest.param(somebody_dies, "vanished", id="a death"),
        pytest.param(all_lose_their_leases, "released", id="all lost their leases at once"),
        pytest.param(the_server_is_started_anew, "released", id="a new start of the server"),
    ],
)
def test_only_a_death_makes_a_step_suspect(befalls: Before, cause: str) -> None:
    run = start(publish(chain(1, {"type": "log", "effect": "keyed"})))

    async def play() -> None:
        async with executing(pace=PACE) as executor:
            await befalls(executor)
            await executor.turn()

    asyncio.run(play())
    assert [(event.cause, event.alone) for event in journal(run) if isinstance(event, AttemptLost)] == [(cause, False)]
    assert Run.objects.get(pk=run.pk).status == "succeeded"
