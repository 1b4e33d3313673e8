"""The tools of an executor that must be made after the last fork: sandbox, guarded HTTP client, credentials."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import httpx
import psycopg
from django.conf import settings
from django.db import connections

from flows.expr.sandbox import Sandbox
from flows.expr.workers import Ran, Script
from flows.journal.connection import LOST, pause
from flows.runtime.errors import CredentialMissing
from flows.runtime.sealing import unseal
from flows.security.addresses import unwrapped
from flows.security.credentials import Credential
from flows.security.egress import EgressGuard, parse_allowances, system_resolver
from flows.security.safejson import Json
from flows.security.transport import guarded_client

CREDENTIAL: Final = (
    "SELECT id, kind, hosts, secret, rate_limit IS NOT NULL FROM flows_credential WHERE workspace_id = %s AND name = %s"
)
SYSTEM: Final = "SELECT system_identifier::text FROM pg_control_system()"
PAYLOADS: Final = "SELECT hash, data FROM flows_payload WHERE hash = ANY(%s)"

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
log = logging.getLogger(__name__)


class LateSandbox(Sandbox):
    """A sandbox whose first process is started when it is first needed: most runs never do."""

    def __init__(self, *, processes: int) -> None:
        super().__init__(processes=processes)
        self._starting = asyncio.Lock()
        self._is_started = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_started:
            await super().__aexit__(kind, error, trace)

    async def run(self, script: Script) -> Ran:
        async with self._starting:
            if not self._is_started:
                await super().__aenter__()
                self._is_started = True
        return await super().run(script)


@dataclass(frozen=True, slots=True)
class Tools:
    """What nodes may use."""

    sandbox: Sandbox
    http: httpx.AsyncClient
    egress: EgressGuard


@asynccontextmanager
async def equipped(*, sandboxes: int = 2, trust: ssl.SSLContext | None = None) -> AsyncIterator[Tools]:
    """The tools, as long as the context lasts; `trust` is the TLS context where one is made already."""
    allowances = parse_allowances(",".join(settings.MULGIL.get("egress_allow", ())))
    guard = EgressGuard(allowances, never=await own_addresses())
    async with LateSandbox(processes=sandboxes) as sandbox, guarded_client(guard, ssl_context=trust) as http:
        yield Tools(sandbox, http, guard)


Reading = Callable[[str, tuple[Any, ...]], Awaitable[list[tuple[Any, ...]]]]


def patient(connection: Callable[[], Awaitable[Connection]]) -> Reading:
    """Reading that outlasts a database that is away: that is never the fault of a step."""

    async def read(query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        tries = 0
        while True:
            line = None
            try:
                line = await connection()
                cursor = await line.execute(query.encode(), values)
                return await cursor.fetchall()
            except LOST as error:
                log.warning("a read waits for the database: %s", error)
                await asyncio.sleep(pause(tries))
                tries += 1
                if line is not None:
                    await line.close()

    return read


Unsealing = Callable[[UUID, bytes], dict[str, Json]]


def opener(read: Reading, unsealing: Unsealing = unseal) -> Callable[[UUID, str], Awaitable[Credential]]:
    """How a credential of a workspace is read and opened. Raises CredentialMissing, CannotOpen."""

    async def credential(workspace: UUID, name: str) -> Credential:
        rows = await read(CREDENTIAL, (workspace, name))
        if not rows:
            raise CredentialMissing(name=name)
        key, kind, hosts, secret, is_paced = rows[0]
        return Credential(name, kind, unsealing(key, secret), tuple(hosts), is_paced=is_paced)

    return credential


def fetcher(read: Reading) -> Callable[[Sequence[str]], Awaitable[Iterable[tuple[str, bytes]]]]:
    """How payloads are read by hash."""

    async def fetch(hashes: Sequence[str]) -> Iterable[tuple[str, bytes]]:
        return [(name, bytes(data)) for name, data in await read(PAYLOADS, (list(hashes),))]

    return fetch


async def own_addresses() -> set[tuple[str, int]]:
    """Where the product's own server answers, in numbers: refused whatever is allowed, by every way there is."""
    given: dict[str, Any] = connections["default"].get_connection_params()
    ports = [int(port) for port in str(given.get("port") or 5432).split(",")]
    hosts = [host for host in str(given.get("host") or "").split(",") if host and not host.startswith("/")]
    found = {(address, port) for address in ("127.0.0.1", "::1") for port in ports}
    for host in hosts:
        for port in ports:
            with contextlib.suppress(OSError, UnicodeError):
                found |= {(str(unwrapped(ip_address(one))), port) for one in await system_resolver(host, port)}
    return found


async def own_database(connection: Connection) -> str | None:
    """The system identifier of the product's own server, which no node may reach."""
    try:
        row = await (await connection.execute(SYSTEM)).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    return row[0] if row else None
