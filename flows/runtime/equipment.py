"""The tools of an executor that must be made after the last fork: sandbox, guarded HTTP client, credentials."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx
import psycopg
from django.conf import settings

from flows.expr.sandbox import Sandbox
from flows.runtime.errors import CredentialMissing
from flows.runtime.sealing import unseal
from flows.security.credentials import Credential
from flows.security.egress import EgressGuard, parse_allowances
from flows.security.transport import guarded_client

CREDENTIAL: Final = "SELECT id, kind, hosts, secret FROM flows_credential WHERE workspace_id = %s AND name = %s"
SYSTEM: Final = "SELECT system_identifier::text FROM pg_control_system()"
PAYLOADS: Final = "SELECT hash, data FROM flows_payload WHERE hash = ANY(%s)"

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Tools:
    """What nodes may use."""

    sandbox: Sandbox
    http: httpx.AsyncClient
    egress: EgressGuard


@asynccontextmanager
async def equipped(*, sandboxes: int = 2) -> AsyncIterator[Tools]:
    """The tools, as long as the context lasts."""
    guard = EgressGuard(parse_allowances(",".join(settings.MULGIL.get("egress_allow", ()))))
    async with Sandbox(processes=sandboxes) as sandbox, guarded_client(guard) as http:
        yield Tools(sandbox, http, guard)


def opener(connection: Callable[[], Awaitable[Connection]]) -> Callable[[UUID, str], Awaitable[Credential]]:
    """How a credential of a workspace is read and opened. Raises CredentialMissing, CannotOpen."""

    async def credential(workspace: UUID, name: str) -> Credential:
        cursor = await (await connection()).execute(CREDENTIAL, (workspace, name))
        row = await cursor.fetchone()
        if row is None:
            raise CredentialMissing(name=name)
        key, kind, hosts, secret = row
        values = unseal(key, secret)
        return Credential(name, kind, values if isinstance(values, dict) else {}, tuple(hosts))

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
