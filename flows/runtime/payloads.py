"""Large values kept beside the journal: read back by hash, remembered within a bound.

A value is immutable by its name, so remembering it can't be wrong. What is read must be treated as immutable.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from flows.engine.commands import Assembly, ListOf, ListOver, ObjectOf, laid_over
from flows.engine.events import PayloadRef
from flows.journal.errors import PayloadMissing
from flows.journal.rows import Payload
from flows.security import safejson
from flows.security.safejson import Json

REMEMBERED_BYTES: Final = 64 * 2**20

Fetch = Callable[[Sequence[str]], Awaitable[Iterable[tuple[str, bytes]]]]


class NotLoaded(Exception):
    """Values that must be read first."""

    def __init__(self, hashes: set[str]) -> None:
        super().__init__(", ".join(hashes))
        self.hashes = hashes


class Payloads:
    """The values this process knows, and how it gets the others."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._known: OrderedDict[str, tuple[Json, int]] = OrderedDict()
        self._size = 0

    def remember(self, payload: Payload) -> None:
        if payload.hash in self._known:
            return
        value: Json = payload.value if payload.value is not None else safejson.loads(payload.data)
        self._known[payload.hash] = value, len(payload.data)
        self._size += len(payload.data)
        while self._size > REMEMBERED_BYTES and len(self._known) > 1:
            _, (_, size) = self._known.popitem(last=False)
            self._size -= size

    def assembled(self, assembly: Assembly) -> Json:
        """The value put together. Raises NotLoaded with what to `load` before."""
        if type(assembly) is PayloadRef and (known := self._known.get(assembly.hash)) is not None:
            self._known.move_to_end(assembly.hash)  # each item of a list asks for the list
            return known[0]
        missing: set[str] = set()
        value: Json = self._assembled(assembly, missing)
        if missing:
            raise NotLoaded(missing)
        return value

    async def assemble(self, assembly: Assembly) -> Json:
        """The value put together, reading what isn't known. Raises PayloadMissing."""
        while True:
            try:
                return self.assembled(assembly)
            except NotLoaded as lacking:
                await self.load(lacking.hashes)

    async def load(self, hashes: set[str]) -> None:
        """Read values. Raises PayloadMissing."""
        for name, data in await self._fetch(sorted(hashes)):
            self.remember(Payload(hash=name, data=data))
        for name in hashes:
            if name not in self._known:
                raise PayloadMissing(hash=name)

    def _assembled(self, assembly: Assembly, missing: set[str]) -> Any:
        kind = type(assembly)
        if kind is PayloadRef:
            found = self._known.get(assembly.hash)  # type: ignore[union-attr]  # narrowed by its exact type
            if found is None:
                missing.add(assembly.hash)  # type: ignore[union-attr]  # as above
                return None
            self._known.move_to_end(assembly.hash)  # type: ignore[union-attr]  # as above
            value: Json = found[0]
            return value
        if kind is ListOf:
            return [self._assembled(part, missing) for part in assembly.parts]  # type: ignore[union-attr]  # as above
        if kind is ObjectOf:
            parts: dict[str, Assembly] = assembly.parts  # type: ignore[union-attr,assignment]  # as above
            return {name: self._assembled(part, missing) for name, part in parts.items()}
        if kind is ListOver:
            base = self._assembled(assembly.base, missing)  # type: ignore[union-attr]  # as above
            placed: dict[int, Assembly] = assembly.parts  # type: ignore[union-attr,assignment]  # as above
            others = {at: self._assembled(part, missing) for at, part in placed.items()}
            return laid_over(base, others) if not missing else None
        return assembly
