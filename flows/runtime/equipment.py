"""The tools of an executor that must be made after the last fork: sandbox, guarded HTTP client, credentials."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import httpx
import psycopg
from django.conf import settings

from flows.expr.sandbox import Sandbox
from flows.expr.workers import Ran, Script
from flows.runtime.errors import CredentialMissing
from flows.runtime.sealing import unseal
from flows.security.credentials import Credential
from flows.security.egress import EgressGuard, parse_allowances
from flows.security.transport import guarded_client

CREDENTIAL: Final = "SELECT id, kind, hosts, secret FROM flows_credential WHERE workspace_id = %s AND name = %s"
SYSTEM: Final = "SELECT system_identifier::text FROM pg_control_system()"
PAYLOADS: Final = "SELECT hash, data FROM flows_payload WHERE hash = ANY(%s)"

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


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
    guard = EgressGuard(parse_allowances(",".join(settings.MULGIL.get("egress_allow", ()))))
    async with LateSandbox(processes=sandboxes) as sandbox, guarded_client(guard, ssl_context=trust) as http:
        yield Tools(sandbox, http, guard)


def opener(connection: Callable[[], Awaitable[Connection]]) -> Callable[[UUID, str], Awaitable[Credential]]:
    """How a credential of a workspace is read and opened. Raises CredentialMissing, CannotOpen."""

    async def credential(workspace: UUID, name: str) -> Credential:
        cursor = await (await connection()).execute(CREDENTIAL, (workspace, name))
        row = await cursor.fetchone()
        if row is None:
            raise CredentialMissing(name=name)
        key, kind, hosts, secret = row
        return Credential(name, kind, unseal(key, secret), tuple(hosts))

    return credential


def fetcher(connection: Callable[[], Awaitable[Connection]]) -> Any:
    """How payloads are read by hash."""

    async def fetch(hashes: Any) -> Iterable[tuple[str, bytes]]:
        cursor = await (await connection()).execute(PAYLOADS, (list(hashes),))
        return [(name, bytes(data)) for name, data in await cursor.fetchall()]

    return fetch


async def own_database(connection: Connection) -> str | None:
    """The system identifier of the product's own server, which no node may reach."""
    try:
        row = await (await connection.execute(SYSTEM)).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    return row[0] if row else None
