"""Connections of our own to the product's database, beside Django's: for the hot path, for LISTEN and for locks.

It decides how long a network may keep silent before a connection is given up, and that who is cut in mid-statement
waits for nobody. It refuses to know what is said over a connection.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import psycopg
from django.db import connections
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait_async

_NOT_OURS: Final = frozenset({"cursor_factory", "context", "prepare_threshold", "autocommit", "row_factory"})

UNANSWERED: Final = 8_000
"""Milliseconds for which what was sent may stay unacknowledged. Probes alone would not do: none is sent while a
statement is on its way, so that one sent into a cut network would end with the kernel's patience, a quarter of an hour."""
KEEPALIVE: Final = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": UNANSWERED,
}
CONNECT_SECONDS: Final = 5

WATCHFUL: Final = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; "
    f"SET tcp_user_timeout = {UNANSWERED}"
)
"""Has the server look after this session as we look after it: by its own settings it would keep what a host that was
cut off has locked for two hours."""

# The server ends a transaction that fell silent, or took too long, by an error of its own and not as a lost connection.
# One that takes no writes for a while (its disk is full, another takes over) says so by an error of its own as well, and
# a session that began then stays so: only another connection can tell when it is over.
LOST: Final = (
    psycopg.OperationalError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.TransactionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.InsufficientPrivilege,
)
"""What a connection that is gone, or was ended by the server, or is of no more use, raises; and one without a right that
it must have: that says nothing of what was asked, and is over when somebody gives it back."""

REFUSED_FOR_NOW: Final = (psycopg.errors.QueryCanceled, psycopg.errors.InsufficientPrivilege)
"""What a statement raises that somebody, or a limit of time, had the server give up, or that needs a right which was
withdrawn: it did nothing, its session goes on, and it can be made again."""
INSISTS: Final = 6
"""So often a statement is made again, over about three seconds."""

Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


class Line(psycopg.AsyncConnection[tuple[Any, ...]]):
    """A connection that ends at once when who waits for its answer is cut.

    psycopg would ask the server to stop and wait for its word, up to 10 s in a network that is cut; until then an
    executor that has lost its lease would go on with its runs. Whoever needs a connection afterwards opens another.
    """

    async def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
        """As psycopg's own, but for the cut."""
        try:
            return await wait_async(gen, self.pgconn.socket, interval=interval, timeout=timeout)
        except asyncio.CancelledError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def conninfo(name: str) -> str:
    """How Django's default database is reached, as psycopg text; `name` shows in pg_stat_activity."""
    wrapper: Any = connections["default"]
    given = {key: value for key, value in wrapper.get_connection_params().items() if key not in _NOT_OURS}
    options: dict[str, Any] = {**KEEPALIVE, "connect_timeout": CONNECT_SECONDS} | given
    return make_conninfo(**(options | {"application_name": f"mulgil {name}"}))


async def connect(name: str) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    """A connection in autocommit. Raises psycopg.OperationalError."""
    return await Line.connect(conninfo(name), autocommit=True)


def connect_sync(name: str) -> psycopg.Connection[tuple[Any, ...]]:
    """The same, blocking."""
    return psycopg.Connection.connect(conninfo(name), autocommit=True)


async def insisting(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Make a statement that stands alone, again where it was refused for now. Raises what it was refused with in the end."""
    for tries in range(INSISTS):
        try:
            return await ask()
        except REFUSED_FOR_NOW as error:
            log.warning("a statement is made again: %s", error)
            await asyncio.sleep(pause(tries))
    return await ask()


def pause(tries: int) -> float:
    """Seconds to wait before trying to connect for the n-th time: growing, jittered, 5 s at most."""
    return random.uniform(0.5, 1.0) * min(5.0, 0.1 * 2.0 ** min(tries, 10))  # noqa: S311  # not for secrets
