"""The pool of the web's connections, where Django finds it by its ENGINE.

Decides: that a connection is tried before it is handed out, that one which is gone is taken for the end of all that were
opened before, and how often a request that waits has the database tried again. psycopg's own pool meets the dead ones
one by one and sleeps a second and more after each, and after an outage it tries again when its growing pauses are over,
not when somebody asks. Refuses to know how a connection is tried (builder_ui.databases).
"""

import threading
import time
from typing import Any, Final

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool, PoolTimeout

from builder_ui.databases import Rested

AGAIN: Final = 0.5
"""Seconds after which a request that waits for a connection asks anew, and so has the database tried at once."""


class Pool(ConnectionPool[Rested]):
    """Connections that rest. Its own attempts to connect end at the second refusal (`reconnect_timeout=0`): whoever
    needs one asks for the next."""

    def __init__(self, **given: Any) -> None:
        self._clearing = threading.Lock()
        self._cleared_at = 0.0
        super().__init__(**given, connection_class=Rested, reconnect_timeout=0)

    def getconn(self, timeout: float | None = None) -> Rested:
        """One that answers. Raises PoolTimeout where none does in time."""
        until = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            taken = self._taken(until)
            try:
                self.check_connection(taken)
            except psycopg.Error:
                self._replace(taken)
            else:
                return taken

    def _taken(self, until: float) -> Rested:
        while True:
            left = until - time.monotonic()
            try:
                return super().getconn(min(left, AGAIN))
            except PoolTimeout:
                if left <= AGAIN:
                    raise PoolTimeout("the database gave no connection in time") from None

    def _replace(self, gone: Rested) -> None:
        gone.close()
        with self._clearing:
            # Those of the same time went with it; whoever meets the next of them finds the pool cleared already.
            if gone.opened_at >= self._cleared_at:
                self._cleared_at = time.monotonic()
                self.drain()
        self.putconn(gone)


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, with our pool."""

    _connection_pools: dict[str, Pool] = {}

    @property
    def pool(self) -> Pool | None:
        """The one of this process and this database; none where the settings name none."""
        wanted = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not wanted:
            return None
        if self.alias not in self._connection_pools:
            made = Pool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,
                configure=self._configure_connection,  # type: ignore[attr-defined]  # as Django's own pool has it
                **wanted,
            )
            self._connection_pools.setdefault(self.alias, made)  # another thread may have been first
        return self._connection_pools[self.alias]
