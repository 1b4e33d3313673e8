"""Plans of the runs claimed: compiled once per process, document and setting, then shared."""

import asyncio
from collections import OrderedDict
from typing import Any, Final
from uuid import UUID

from flows.dsl.binding import bound
from flows.dsl.catalogue import Catalogue
from flows.dsl.read import read_document
from flows.engine.compile import compile_plan
from flows.engine.plan import Plan
from flows.journal.moved import moves_in, stretches
from flows.runtime.claims import Claimed
from flows.runtime.equipment import Reading
from flows.runtime.errors import DocumentMissing, SettingMissing
from flows.security import safejson
from flows.security.safejson import Json

REMEMBERED: Final = 256
IN_A_THREAD: Final = 100_000
"""Bytes of a document from which on compiling it would hold up the loop."""

VERSION: Final = "SELECT document FROM flows_version WHERE id = %s AND hash = %s AND document <> ''"
NUMBERED: Final = (
    "SELECT document FROM flows_version WHERE flow_id = %s AND number = %s AND hash = %s AND document <> ''"
)
STANDS: Final = "SELECT 1 FROM flows_version WHERE flow_id = %s AND number = %s AND hash = %s AND pruned_at IS NULL"
SETTING: Final = "SELECT vars, credentials::text FROM flows_setting WHERE id = %s"
_PAYLOAD: Final = "SELECT convert_from(data, 'UTF8') FROM flows_payload WHERE hash = %s"


_Name = tuple[str, UUID | None]
_Given = tuple[dict[str, Json], dict[str, str]] | None


class Plans:
    """By content hash, and by what the run's environment gave it: neither changes under its name."""

    def __init__(self, read: Reading, catalogue: Catalogue) -> None:
        self._read = read
        self._catalogue = catalogue
        self._known: OrderedDict[_Name, Plan] = OrderedDict()
        self._coming: dict[_Name, asyncio.Lock] = {}

    def known(self, claimed: Claimed) -> Plan | None:
        return self._known.get((claimed.document_hash, claimed.setting))

    async def plan_of(self, claimed: Claimed) -> Plan:
        """The plan of a run. Raises DocumentMissing, SettingMissing, NotRunnable, InvalidDocument."""
        name = claimed.document_hash, claimed.setting
        if claimed.version_id is not None:
            return await self._plan(name, VERSION, (claimed.version_id, claimed.document_hash))
        return await self._plan(name, _PAYLOAD, (claimed.document_hash,))

    async def numbered(self, flow: UUID, number: int, name: str, setting: UUID | None) -> Plan:
        """The plan of this version of a flow, whose document has this hash, with what a run was given. Raises as `plan_of`."""
        return await self._plan((name, setting), NUMBERED, (flow, number, name))

    async def standing(self, flow: UUID, number: int, name: str, setting: UUID | None) -> Plan:
        """As `numbered`, of a version that may be put to new use: one that was pruned, or is about to be, may not."""
        if not await self._read(STANDS, (flow, number, name)):
            raise DocumentMissing
        return await self.numbered(flow, number, name, setting)

    async def along(self, claimed: Claimed) -> tuple[Plan, dict[str, Plan]]:
        """The plan that a run's events begin with, and those of the versions they move it to. Raises as `plan_of`."""
        versions = stretches(moves_in(claimed.rows))
        if not versions:
            return self.known(claimed) or await self.plan_of(claimed), {}
        plans = {name: await self.numbered(claimed.flow, number, name, claimed.setting) for number, name in versions}
        return plans[versions[0][1]], plans

    async def _plan(self, name: _Name, query: str, values: tuple[Any, ...]) -> Plan:
        lock = self._coming.setdefault(name, asyncio.Lock())
        async with lock:
            plan = self._known.get(name)
            if plan is None:
                text, given = await self._text(query, values), await self._given(name[1])
                plan = (
                    await asyncio.to_thread(self._compiled, text, given)
                    if len(text) > IN_A_THREAD
                    else self._compiled(text, given)
                )
                self._known[name] = plan
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end(name)
        self._coming.pop(name, None)
        return plan

    def _compiled(self, text: str, given: _Given) -> Plan:
        document = read_document(safejson.loads(text))
        return compile_plan(document if given is None else bound(document, *given), self._catalogue)

    async def _given(self, setting: UUID | None) -> _Given:
        """The variables and credentials of a setting."""
        if setting is None:
            return None
        rows = await self._read(SETTING, (setting,))
        if not rows:
            raise SettingMissing
        return safejson.loads(rows[0][0]), safejson.loads(rows[0][1])  # type: ignore[return-value]  # as they were written

    async def _text(self, query: str, values: tuple[Any, ...]) -> str:
        rows = await self._read(query, values)
        if not rows:
            raise DocumentMissing
        return str(rows[0][0])
