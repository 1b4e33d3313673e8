"""One statement on a PostgreSQL server, behind the egress guard.

The connection is described by the credential's six fields and nothing else: no connection strings,
sockets, services or options, from wherever. The product's own server is refused by what it is, not
by what it is called.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, Literal

import certifi
import psycopg
from psycopg.rows import dict_row
from pydantic import BaseModel, Field

from flows.errors import LimitExceeded
from flows.nodes.base import (
    BadConfig,
    Effect,
    EffectFrom,
    Example,
    Json,
    NodeConfig,
    NotSent,
    Permanent,
    Recoverable,
    Step,
    Unanswered,
    Value,
    Verbatim,
    _,
    node,
)
from flows.nodes.credential_kinds import PostgresCredential, postgres_credential
from flows.nodes.postgres_once import TABLE, Notes
from flows.nodes.postgres_values import bound, column_value, prepare, size_of
from flows.security.addresses import normal_host
from flows.security.egress import EgressRefused
from flows.security.limits import LIMITS

MAX_ROWS: Final = 100_000
CONNECT_SECONDS: Final = 10
ASKED_AGAIN: Final = 2
_READING: Final = frozenset({"rows", "one"})
IDENTITY: Final = "SELECT system_identifier::text AS it FROM pg_catalog.pg_control_system()"
_NUMBERED: Final = re.compile(r"\$\d")
_SSLMODE: Final = {"verify": "verify-full", "require": "require", "off": "disable"}
# SQLSTATE classes that say "not now": connection trouble, rolled back for another's sake, out of means.
_AGAIN: Final = ("0800", "40", "53", "55P03", "57P0")

Rows = list[Json]


class QueryFailed(Permanent):
    """The statement failed: {reason}"""

    code = "query_failed"


class QueryBusy(NotSent):
    """The statement was rolled back: {reason}"""

    code = "query_rolled_back"


class TooManyRows(LimitExceeded):
    """The rows are {size}, over the limit of {limit}."""

    code = "too_many_rows"
    hint = "Add a limit to the statement, or compute in the database."


class PostgresConfig(NodeConfig):
    sql: Verbatim = Field(
        title="SQL",
        min_length=1,
        max_length=262_144,
        description=_("One statement; values stand as $1, $2, … and come from params"),
        json_schema_extra={"format": "mulgil-sql"},
    )
    params: list[Value] | dict[str, Value] = Field(
        default_factory=list, description=_("A list for $1, $2, …; or an object for %(name)s")
    )
    mode: Literal["rows", "one", "execute", "exactly_once"] = Field(
        "rows", description=_("rows and one only read; execute and exactly_once may change data")
    )
    done_table: str = Field(
        "mulgil_done",
        title="Table of what was done",
        pattern=TABLE,
        description=_("With exactly_once: where the database notes what was done; made when it is not there"),
    )


class PostgresResult(BaseModel):
    rows: list[dict[str, Value]]
    count: int


@node(
    "database.postgres",
    label=_("PostgreSQL"),
    icon="database",
    category="database",
    effect=EffectFrom(
        "/mode",
        by={"rows": Effect.READ, "one": Effect.READ, "exactly_once": Effect.TRANSACTIONAL},
        otherwise=Effect.ONCE,
        default="rows",
    ),
    credential="postgres",
    needs_credential=True,
    description=_("Runs one SQL statement on a PostgreSQL server."),
    summary="{sql}",
    labels={
        "rows": _("Read all rows"),
        "one": _("Read one row"),
        "execute": _("Change data"),
        "exactly_once": _("Change data exactly once"),
    },
    output=PostgresResult,
    example=Example(
        config={"sql": "SELECT $1::int + 1 AS next", "params": ["{{ input.number }}"]},
        input={"number": 41},
        output={"rows": [{"next": 42}], "count": 1},
    ),
)
async def postgres(config: PostgresConfig, step: Step) -> Json:
    """Runs the statement in a transaction of its own and gives `{rows, count}`.

    `rows` reads all rows and `one` at most one, both in a read-only transaction; `execute` may change
    data and counts the rows it touched (with the rows of a `RETURNING`). Values never become part of
    the SQL: they are bound to `$1`, `$2`, … (or `%(name)s` for an object of params). A crash between
    the statement and its answer leaves an `execute` uncertain: it is never silently run twice.

    `exactly_once` notes in `done_table`, in the transaction of the statement, that this step did it, and
    what it answered. After a crash the note is found and the statement isn't run again. Rows of that
    table older than any run that may still go on can be deleted.
    """
    if step.credential is None:
        raise BadConfig("credential: choose one that says which database to ask")
    target = postgres_credential(step.credential)
    _check_host(target, step)
    if config.mode != "exactly_once":
        return await _asked(target, config, step)
    for _try in range(ASKED_AGAIN):
        with contextlib.suppress(Unanswered):
            return await _asked(target, config, step)
    # Whoever tries again later, this executor or another, finds the note if it is there.
    return await _asked(target, config, step)


async def _asked(target: PostgresCredential, config: PostgresConfig, step: Step) -> Json:
    async with _connection(target, step) as connection:
        await _refuse_own(connection, target, step)
        if step.cancelled and config.mode not in _READING:
            raise step.not_sent("The run was cancelled before the statement was sent")
        return await _performed(connection, config, step.idempotency_key)


def _check_host(target: PostgresCredential, step: Step) -> None:
    try:
        normal_host(target.host)
    except ValueError as error:
        raise EgressRefused(target=target.host, reason=str(error)) from None
    if step.credential is not None and step.credential.hosts:
        step.credential.require(target.host, target.port)


@asynccontextmanager
async def _connection(target: PostgresCredential, step: Step) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    addresses = await step.egress.addresses(target.host, target.port)
    try:
        connection = await psycopg.AsyncConnection.connect(**_arguments(target, addresses), row_factory=dict_row)
    except psycopg.OperationalError as error:
        raise NotSent(_first_line(error)) from error
    prepare(connection)
    try:
        yield connection
    finally:
        await connection.close()


def _arguments(target: PostgresCredential, addresses: list[str]) -> dict[str, Any]:
    """Every parameter that libpq would else take from its environment is given, so that none is."""
    return {
        # As many names as addresses: the name is what TLS checks, the address is where it goes.
        "host": ",".join([target.host] * len(addresses)),
        "hostaddr": ",".join(addresses),
        "port": target.port,
        "dbname": target.database,
        "user": target.user,
        "password": target.password,
        "passfile": "/dev/null",
        "sslmode": _SSLMODE[target.tls],
        "sslrootcert": certifi.where() if target.tls == "verify" else "",
        "sslcert": "",
        "sslkey": "",
        "gssencmode": "disable",
        "options": "",
        "target_session_attrs": "any",
        "application_name": "mulgil",
        "connect_timeout": CONNECT_SECONDS,
        "client_encoding": "utf-8",
        "autocommit": False,
    }


async def _refuse_own(connection: psycopg.AsyncConnection[Any], target: PostgresCredential, step: Step) -> None:
    own = step.context.own_database
    if own is None:
        return
    try:
        row = await (await connection.execute(IDENTITY)).fetchone()
    except psycopg.errors.UndefinedFunction:
        row = None  # it speaks the protocol and is not PostgreSQL: surely not ours
    except psycopg.Error as error:
        raise EgressRefused(target=target.host, reason=f"it would not say which server it is: {error}") from None
    await connection.rollback()
    if row is not None and row["it"] == own:
        raise EgressRefused(target=f"{target.host}:{target.port}", reason="it is this product's own database")


async def _performed(connection: psycopg.AsyncConnection[Any], config: PostgresConfig, key: str) -> Json:
    notes = Notes(connection, config.done_table) if config.mode == "exactly_once" else None
    try:
        await connection.set_read_only(config.mode in _READING)
        if notes is not None:
            await notes.make()
            if (known := await notes.begin(key)) is not None:
                return known
        rows, count = await _run(connection, config)
        answer: Json = {"rows": rows, "count": count}
        if notes is not None:
            await notes.keep(key, answer)
    except (psycopg.Error, UnicodeError) as error:
        raise _failure(error) from error
    try:
        await connection.commit()
    except psycopg.IntegrityError as error:
        raise _failure(error) from error
    except psycopg.OperationalError as error:
        if error.sqlstate and error.sqlstate.startswith("40"):
            raise _failure(error) from error
        raise Unanswered(_first_line(error)) from error
    return answer


def _failure(error: Exception) -> Permanent | Recoverable:
    """A failed statement was rolled back whole: nothing of it stands."""
    state = getattr(error, "sqlstate", None) or ""
    is_passing = state.startswith(_AGAIN) or (isinstance(error, psycopg.OperationalError) and not state)
    return QueryBusy(_first_line(error)) if is_passing else QueryFailed(_first_line(error), details={"sqlstate": state})


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__


async def _run(connection: psycopg.AsyncConnection[Any], config: PostgresConfig) -> tuple[Rows, int]:
    params = bound(config.params) or None
    is_numbered = isinstance(params, list) and _NUMBERED.search(config.sql) is not None
    cursor: psycopg.AsyncCursor[dict[str, Any]] = (
        psycopg.AsyncRawCursor(connection, row_factory=dict_row) if is_numbered else connection.cursor()
    )
    async with cursor:
        if config.mode not in _READING:
            # Prepared, because only then a second statement behind a semicolon is refused.
            await cursor.execute(config.sql.encode(), params, prepare=True)
            rows = _Rows(MAX_ROWS)
            if cursor.description is not None:
                for row in await cursor.fetchall():
                    rows.add(row)
            return rows.rows, max(cursor.rowcount, 0)
        rows = _Rows(1 if config.mode == "one" else MAX_ROWS, is_cut=config.mode == "one")
        try:
            # Closed at once when left early: the statement is then cancelled, not read to its end.
            rows_in = cursor.stream(config.sql.encode(), params, size=100)
            async with aclosing(rows_in) as stream:  # type: ignore[type-var]  # a generator, declared as an iterator
                async for row in stream:
                    if not rows.add(row):
                        break
        except psycopg.ProgrammingError as error:
            if error.sqlstate is None:
                raise QueryFailed("it gives no rows; use the mode execute") from None
            raise
        return rows.rows, len(rows.rows)


class _Rows:
    """Rows as JSON, counted while they come: too many are refused before they fill the memory."""

    def __init__(self, most: int, *, is_cut: bool = False) -> None:
        self.rows: Rows = []
        self._most = most
        self._is_cut = is_cut
        self._size = 0

    def add(self, row: Mapping[str, Any]) -> bool:
        """Take a row; False when no more are wanted. Raises TooManyRows."""
        if len(self.rows) >= self._most:
            if self._is_cut:
                return False
            raise TooManyRows(size=f"more than {self._most}", limit=self._most)
        converted = {name: column_value(value) for name, value in row.items()}
        self._size += size_of(converted)
        if self._size > LIMITS.step_output:
            raise TooManyRows(size=f"{self._size} bytes", limit=LIMITS.step_output)
        self.rows.append(converted)
        return True
