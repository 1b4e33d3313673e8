"""Letters that ask a run to go by another version of its flow: kept until nothing of the run is under way.

It decides when such a letter is obeyed, and tells people where the run stays as it is. Whether the version fits is decided
by `flows.engine.transplant`; who may ask, by the operations.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from flows.dsl.instants import Instant
from flows.engine.events import Event, RunMoved
from flows.engine.machine import Machine
from flows.engine.transplant import fit
from flows.errors import MulgilError
from flows.journal.log import RunLog
from flows.journal.rows import AlertRow, MovedRow
from flows.journal.values import clean
from flows.runtime.claims import Claimed, Letter
from flows.runtime.kit import Kit

KIND: Final = "move"
NOT_MOVED: Final = "not_moved"


class Moves:
    """Those of one run. `has_moved`: its executor is to let go of it, for nothing it knows of the run holds any more."""

    __slots__ = ("_claimed", "_kit", "_letters", "_log", "_machine", "has_moved")

    def __init__(self, kit: Kit, claimed: Claimed, machine: Machine, log: RunLog) -> None:
        self._kit = kit
        self._claimed = claimed
        self._machine = machine
        self._log = log
        self._letters: list[Letter] = []
        self.has_moved = False

    def keeps(self, letter: Letter) -> bool:
        """Whether the letter is one of these, and waits here for its time."""
        if letter.kind == KIND:
            self._letters.append(letter)
        return letter.kind == KIND

    async def moved(self, put: Callable[[Event], None]) -> bool:
        """Obey the first letter that can be obeyed now; whether the run goes by another version since."""
        while self._letters and not self._machine.in_flight():
            await self._obey(self._letters.pop(0), put)
            if self.has_moved:
                return True
        return False

    async def _obey(self, letter: Letter, put: Callable[[Event], None]) -> None:
        asked: dict[str, Any] = letter.payload if isinstance(letter.payload, dict) else {}
        number, name = int(asked["version"]), str(asked["hash"])
        claimed, machine = self._claimed, self._machine
        if claimed.version is None or name == claimed.document_hash or machine.state.result is not None:
            self._consume(letter)  # a draft has no version to leave; there already; over
            return
        try:
            plan = await self._kit.plan_of(claimed.flow, number, name, claimed.setting)
        except MulgilError as error:
            self._refuse(letter, number, error.message)
            return
        if obstacles := fit(machine.plan, machine.state, plan).obstacles:
            self._refuse(letter, number, "; ".join(one.said for one in obstacles))
            return
        # No await from here on: the letter, the event and the row's version are one transaction.
        machine.plans = {name: plan}
        self._log.consume(letter.id)
        put(self._event(asked, number, name, self._kit.clock.now()))
        self._log.move(MovedRow(version=UUID(str(asked["version_id"])), document_hash=name))
        self.has_moved = True

    def _event(self, asked: dict[str, Any], number: int, name: str, now: Instant) -> RunMoved:
        return RunMoved(
            at=now,
            version=number,
            document_hash=name,
            was_version=self._claimed.version or 0,
            was_hash=self._claimed.document_hash,
            by=clean(str(asked.get("by", ""))),
            reason=clean(str(asked.get("reason", ""))),
        )

    def _refuse(self, letter: Letter, number: int, why: str) -> None:
        message = f"The run stays on version {self._claimed.version} and was not moved to version {number}: {why}"
        self._log.alert(AlertRow(step="", code=NOT_MOVED, message=message))
        self._consume(letter)

    def _consume(self, letter: Letter) -> None:
        self._log.consume(letter.id)
        self._log.touch()
