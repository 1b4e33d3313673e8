"""Which PostgreSQL Django talks to: the one named by DATABASE_URL, else the embedded one of the data folder.

Decides: how an address becomes Django's settings, how a connection that rested is tried, and how long a statement of the web
may take. Refuses to know how the embedded one is run.
"""

import select
import time
from typing import Any, Final

import psycopg

from builder_ui.data_folder import DataFolder
from builder_ui.environment import Database, Environment, parse_database

TRIED_EVERY: Final = 1.0
"""Seconds within which a pooled connection that answered isn't asked again."""
REPLACED_AFTER: Final = 2.0
"""Seconds for which a session that may only read is good enough: it stays so, whatever has become of its server."""
CUT_AFTER: Final = 30
"""Seconds after which the server gives up a statement of the web: a list or a lock that never comes holds nobody for ever.
An address that names a `statement_timeout` of its own has its way."""
# A network that is cut is noticed within 9 s, between statements and under way, and not after the kernel's two hours.
NOTICED: Final = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}


def database_settings(environment: Environment, data: DataFolder) -> dict[str, Any]:
    """Django's settings for the database of this installation."""
    return settings_of(environment.database or embedded_database(data))


def embedded_database(data: DataFolder) -> Database:
    """Where the embedded database of `data` answers; where it would, when it has never run."""
    try:
        return parse_database(data.database_address.read_text(encoding="utf-8").strip())
    except (FileNotFoundError, NotADirectoryError):
        return Database(name="mulgil", user="mulgil", password="", host=str(data.root), port="", options={})


class Rested(psycopg.Connection[Any]):
    """A connection of the pool. Whoever takes it out tries it first with an empty statement. That goes to the server at
    most once in `TRIED_EVERY`; between, a silent socket is enough: a server that went has ended the connection, and
    that can be read there."""

    tried_at = 0.0
    began_at = 0.0

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.opened_at = time.monotonic()

    def execute(self, query: Any, *args: Any, **given: Any) -> psycopg.Cursor[Any]:
        """As ever, but for the trial."""
        if query != "":
            return super().execute(query, *args, **given)
        now = time.monotonic()
        self.began_at = self.began_at or now
        if now - self.began_at > REPLACED_AFTER and _may_only_read(self.pgconn):
            self.close()  # one that still works would go back into the pool, whatever its trial came to
            raise psycopg.OperationalError("the session may only read; another may be allowed to write by now")
        if now - self.tried_at < TRIED_EVERY and not self.closed and _is_silent(self.pgconn.socket):
            return self.cursor()
        tried = super().execute(query, *args, **given)
        self.tried_at = now
        return tried


def _is_silent(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return not poll.poll(0)


def _may_only_read(connection: psycopg.pq.abc.PGconn) -> bool:
    """By what the server told when the session began, without asking."""
    return connection.parameter_status(b"default_transaction_read_only") == b"on"


def use_pool(database: dict[str, Any]) -> None:
    """Let this process keep some connections open; for the web alone, which never forks.

    Opening one costs more than most requests do. Each is tried before it is handed out, so that a database that
    came back is not met with connections to the one that went.
    """
    database["ENGINE"] = "builder_ui.pooled"
    own = database["OPTIONS"].get("options", "")
    database["OPTIONS"]["options"] = f"-c statement_timeout={CUT_AFTER}s {own}".strip()  # what is said last holds
    database["OPTIONS"]["prepare_threshold"] = 5  # for what asks for it: Django's own cursors prepare nothing
    database["OPTIONS"]["pool"] = {
        "min_size": 2,
        "max_size": 20,
        "timeout": 5,
        "max_idle": 60,
    }


def settings_of(database: Database) -> dict[str, Any]:
    """`database` as an entry of Django's DATABASES."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database.name,
        "USER": database.user,
        "PASSWORD": database.password,
        "HOST": database.host,
        "PORT": database.port,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"connect_timeout": 10, **NOTICED, **database.options},
    }
