"""Plans of the runs claimed: compiled once per process and document, then shared."""

import asyncio
from collections import OrderedDict
from typing import Final

from flows.dsl.catalogue import Catalogue
from flows.dsl.read import read_document
from flows.engine.compile import compile_plan
from flows.engine.plan import Plan
from flows.runtime.claims import Claimed
from flows.runtime.equipment import Reading
from flows.runtime.errors import DocumentMissing
from flows.security import safejson

REMEMBERED: Final = 256
IN_A_THREAD: Final = 100_000
"""Bytes of a document from which on compiling it would hold up the loop."""

VERSION: Final = "SELECT document FROM flows_version WHERE id = %s AND hash = %s AND document <> ''"
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
        name = claimed.document_hash
        lock = self._coming.setdefault(name, asyncio.Lock())
        async with lock:
            plan = self._known.get(name)
            if plan is None:
                text = await self._text(claimed)
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

    async def _text(self, claimed: Claimed) -> str:
        if claimed.version_id is not None:
            rows = await self._read(VERSION, (claimed.version_id, claimed.document_hash))
        else:
            rows = await self._read(_PAYLOAD, (claimed.document_hash,))
        if not rows:
            raise DocumentMissing
        return str(rows[0][0])
