"""Plans of the runs claimed: compiled once per process and document, then shared."""

import asyncio
from collections import OrderedDict
from typing import Any, Final
from uuid import UUID

from flows.dsl.catalogue import Catalogue
from flows.dsl.read import read_document
from flows.engine.compile import compile_plan
from flows.engine.plan import Plan
from flows.journal.moved import moves_in, stretches
from flows.runtime.claims import Claimed
from flows.runtime.equipment import Reading
from flows.runtime.errors import DocumentMissing
from flows.security import safejson

REMEMBERED: Final = 256
IN_A_THREAD: Final = 100_000
"""Bytes of a document from which on compiling it would hold up the loop."""

VERSION: Final = "SELECT document FROM flows_version WHERE id = %s AND hash = %s AND document <> ''"
NUMBERED: Final = (
    "SELECT document FROM flows_version WHERE flow_id = %s AND number = %s AND hash = %s AND document <> ''"
)
STANDS: Final = "SELECT 1 FROM flows_version WHERE flow_id = %s AND number = %s AND hash = %s AND pruned_at IS NULL"
_PAYLOAD: Final = "SELECT convert_from(data, 'UTF8') FROM flows_payload WHERE hash = %s"


class Plans:
    """By content hash: a document never changes under its hash."""

    def __init__(self, read: Reading, catalogue: Catalogue) -> None:
        self._read = read
        self._catalogue = catalogue
        self._known: OrderedDict[str, Plan] = OrderedDict()
        self._coming: dict[str, asyncio.Lock] = {}

    def known(self, claimed: Claimed) -> Plan | None:
        return self._known.get(claimed.document_hash)

    async def plan_of(self, claimed: Claimed) -> Plan:
        """The plan of a run. Raises DocumentMissing, NotRunnable, InvalidDocument."""
        if claimed.version_id is not None:
            return await self._plan(claimed.document_hash, VERSION, (claimed.version_id, claimed.document_hash))
        return await self._plan(claimed.document_hash, _PAYLOAD, (claimed.document_hash,))

    async def numbered(self, flow: UUID, number: int, name: str) -> Plan:
        """The plan of this version of a flow, whose document has this hash. Raises as `plan_of`."""
        return await self._plan(name, NUMBERED, (flow, number, name))

    async def standing(self, flow: UUID, number: int, name: str) -> Plan:
        """As `numbered`, of a version that may be put to new use: one that was pruned, or is about to be, may not."""
        if not await self._read(STANDS, (flow, number, name)):
            raise DocumentMissing
        return await self.numbered(flow, number, name)

    async def along(self, claimed: Claimed) -> tuple[Plan, dict[str, Plan]]:
        """The plan that a run's events begin with, and those of the versions they move it to. Raises as `plan_of`."""
        versions = stretches(moves_in(claimed.rows))
        if not versions:
            return self.known(claimed) or await self.plan_of(claimed), {}
        plans = {name: await self.numbered(claimed.flow, number, name) for number, name in versions}
        return plans[versions[0][1]], plans

    async def _plan(self, name: str, query: str, values: tuple[Any, ...]) -> Plan:
        lock = self._coming.setdefault(name, asyncio.Lock())
        async with lock:
            plan = self._known.get(name)
            if plan is None:
                text = await self._text(query, values)
                plan = (
                    await asyncio.to_thread(self._compiled, text) if len(text) > IN_A_THREAD else self._compiled(text)
                )
                self._known[name] = plan
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end(name)
        self._coming.pop(name, None)
        return plan

    def _compiled(self, text: str) -> Plan:
        return compile_plan(read_document(safejson.loads(text)), self._catalogue)

    async def _text(self, query: str, values: tuple[Any, ...]) -> str:
        rows = await self._read(query, values)
        if not rows:
            raise DocumentMissing
        return str(rows[0][0])
