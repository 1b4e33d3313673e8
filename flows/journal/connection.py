"""Connections of our own to the product's database, beside Django's: for the hot path, for LISTEN and for locks."""

import random
from typing import Any, Final

import psycopg
from django.db import connections
from psycopg.conninfo import make_conninfo

_NOT_OURS: Final = frozenset({"cursor_factory", "context", "prepare_threshold", "autocommit", "row_factory"})

KEEPALIVE: Final = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
CONNECT_SECONDS: Final = 5


def conninfo(name: str) -> str:
    """How Django's default database is reached, as psycopg text; `name` shows in pg_stat_activity."""
    wrapper: Any = connections["default"]
    given = {key: value for key, value in wrapper.get_connection_params().items() if key not in _NOT_OURS}
    options: dict[str, Any] = {**KEEPALIVE, "connect_timeout": CONNECT_SECONDS} | given
    return make_conninfo(**(options | {"application_name": f"mulgil {name}"}))


async def connect(name: str) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    """A connection in autocommit. Raises psycopg.OperationalError."""
    return await psycopg.AsyncConnection.connect(conninfo(name), autocommit=True)


def connect_sync(name: str) -> psycopg.Connection[tuple[Any, ...]]:
    """The same, blocking."""
    return psycopg.Connection.connect(conninfo(name), autocommit=True)


def pause(tries: int) -> float:
    """Seconds to wait before trying to connect for the n-th time: growing, jittered, 5 s at most."""
    return random.uniform(0.5, 1.0) * min(5.0, 0.1 * 2.0 ** min(tries, 10))  # noqa: S311  # not for secrets
