"""What the items of a list gave, gathered until all have: hardly larger than its text.

An output in memory is some ten times its JSON, and a hundred thousand of them stand there until the last item has
ended. So wherever a whole stretch of the list has come, it is kept as text until somebody looks. It decides nothing
about the outputs.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from flows.engine.commands import Assembly
from flows.engine.marks import pack, unpack
from flows.security.safejson import Json

STRETCH: Final = 256
"""So many neighbours become one text; a list that is shorter stays as it is."""


class Outputs:
    """A place for each item, None until its output has come."""

    __slots__ = ("_count", "_open", "_texts")

    def __init__(self, count: int) -> None:
        self._count = count
        self._texts: dict[int, str] = {}
        """Stretches that are whole, by their number."""
        self._open: dict[int, dict[int, Assembly]] = {}
        """Of the others: what has come, by its place in the stretch."""

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outputs) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __setitem__(self, place: int, output: Assembly) -> None:
        if not 0 <= place < self._count:
            raise IndexError(place)
        number, at = divmod(place, STRETCH)
        stretch = self._open.get(number)
        if stretch is None:
            text = self._texts.pop(number, None)
            stretch = self._open[number] = {} if text is None else dict(enumerate(_read(text)))
        stretch[at] = output
        if len(stretch) == STRETCH:
            self._texts[number] = orjson.dumps([pack(stretch[at]) for at in range(STRETCH)]).decode()
            del self._open[number]

    def __iter__(self) -> Iterator[Assembly]:
        for number, first in enumerate(range(0, self._count, STRETCH)):
            text = self._texts.get(number)
            if text is not None:
                yield from _read(text)
            else:
                stretch = self._open.get(number, {})
                yield from (stretch.get(at) for at in range(min(STRETCH, self._count - first)))

    def packed(self) -> Json:
        """As JSON, for a snapshot: texts stay texts, so that neither writing nor reading it makes objects of them."""
        whole: list[Json] = [[number, text] for number, text in self._texts.items()]
        rest: list[Json] = [
            [number, [[at, pack(output)] for at, output in stretch.items()]] for number, stretch in self._open.items()
        ]
        return {"count": self._count, "texts": whole, "open": rest}

    @classmethod
    def unpacked(cls, data: Any) -> "Outputs":
        """What `packed` wrote."""
        made = cls(data["count"])
        made._texts = dict(data["texts"])
        made._open = {number: {at: unpack(output) for at, output in stretch} for number, stretch in data["open"]}
        return made


def _read(text: str) -> list[Assembly]:
    return [unpack(output) for output in orjson.loads(text)]
