"""The board of a worker host: a page of shared memory on which its processes show that they live.

It decides nothing. The supervisor makes it before the first fork; the broker and the executors write their
beats, the supervisor reads them. A place on it is held by a file lock, which ends with its holder: nothing
here can be left locked by a process that was killed.
"""

import fcntl
import mmap
import os
import struct
import tempfile
import time
from dataclasses import dataclass
from typing import Final

PLACES: Final = 64
FRESH: Final = 0.5
"""Seconds within which a beat is proof of life."""

_HEAD: Final = struct.Struct("=dqqq")  # the broker's beat, turns handed out, draining, turns refused
_PLACE: Final = struct.Struct("=dqqqd")  # an executor's beat, turns begun, in a turn, hungry, its last look
_SIZE: Final = _HEAD.size + PLACES * _PLACE.size


@dataclass(slots=True)
class Place:
    """What one executor process shows."""

    beat: float = 0.0
    begun: int = 0
    in_turn: bool = False
    hungry: bool = False
    looked: float = 0.0


class Board:
    """Beats are of the monotonic clock, which all processes of a host share."""

    def __init__(self) -> None:
        self._file, path = tempfile.mkstemp(prefix="mulgil-board-")
        os.unlink(path)  # noqa: PTH108  # the open file is all there is of it
        os.truncate(self._file, _SIZE)
        self._page = mmap.mmap(self._file, _SIZE)
        self._mine: int | None = None
        self._pid = 0

    # --- the broker ---

    def beat(self) -> None:
        """The broker lives and nothing it handed out lies about."""
        _HEAD.pack_into(self._page, 0, time.monotonic(), *self._head()[1:])

    def hand_out(self) -> None:
        """A turn goes to the cluster."""
        beat, handed, draining, spare = self._head()
        _HEAD.pack_into(self._page, 0, beat, handed + 1, draining, spare)

    @property
    def outstanding(self) -> int:
        """Turns handed out that no worker has begun."""
        return int(self._head()[1]) - self.begun

    @property
    def begun(self) -> int:
        """Turns that workers have begun."""
        return sum(place.begun for place in self.places())

    # --- the supervisor ---

    def drain(self) -> None:
        """Have every turn end soon."""
        beat, handed, _, spare = self._head()
        _HEAD.pack_into(self._page, 0, beat, handed, 1, spare)

    @property
    def is_draining(self) -> bool:
        return bool(self._head()[2])

    def last_beat(self) -> float:
        """The youngest beat of whoever lives."""
        return max(float(self._head()[0]), *(place.beat for place in self.places()))

    def wipe(self) -> None:
        """Begin anew, with a beat of grace for those who are to come."""
        self._page[:] = bytes(_SIZE)
        self.beat()

    # --- an executor ---

    def take_place(self) -> None:
        """A place of this process's own, until it ends."""
        for index in range(PLACES):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, index)
            except OSError:
                continue
            self._mine, self._pid = index, os.getpid()
            return
        raise OSError("every place of the board is taken")

    def show(self, *, in_turn: bool, hungry: bool, begins: bool = False) -> None:
        """This executor lives. `begins`: it has just begun a turn."""
        if self._mine is None or self._pid != os.getpid():
            self.take_place()
        assert self._mine is not None
        place = self._place(self._mine)
        self._write(time.monotonic(), place.begun + begins, in_turn, in_turn and hungry, place.looked)

    def looked(self, at: float) -> None:
        """This executor asked at that moment for what is ready, and took what it has room for."""
        if self._mine is not None and self._pid == os.getpid():
            place = self._place(self._mine)
            self._write(place.beat, place.begun, place.in_turn, place.hungry, at)

    def places(self) -> list[Place]:
        return [self._place(index) for index in range(PLACES)]

    def in_turn(self) -> list[Place]:
        """Executors that are in a turn and live."""
        return [place for index, place in enumerate(self.places()) if place.in_turn and self._is_held(index, place)]

    def is_another_hungry(self) -> bool:
        """Whether an executor at a place before ours is in a turn, lives, and would take what comes."""
        if self._mine is None or self._pid != os.getpid():
            return False
        before = (self._place(index) for index in range(self._mine))
        return any(place.in_turn and place.hungry and time.monotonic() - place.beat < FRESH for place in before)

    def has_another_looked(self, since: float) -> bool:
        """Whether one of those has asked for what is ready since that moment, has taken it, and would take more."""
        if self._mine is None or self._pid != os.getpid():
            return False
        before = (self._place(index) for index in range(self._mine))
        return any(place.in_turn and place.hungry and place.looked >= since for place in before)

    def forgive(self) -> None:
        """What was handed out and never begun went down with its worker."""
        beat, _, draining, spare = self._head()
        _HEAD.pack_into(self._page, 0, beat, self.begun, draining, spare)

    def _place(self, index: int) -> Place:
        beat, begun, in_turn, hungry, looked = _PLACE.unpack_from(self._page, _HEAD.size + index * _PLACE.size)
        return Place(beat, begun, bool(in_turn), bool(hungry), looked)

    def _write(self, *place: float) -> None:
        assert self._mine is not None
        _PLACE.pack_into(self._page, _HEAD.size + self._mine * _PLACE.size, *place)

    def _is_held(self, index: int, place: Place) -> bool:
        """Whether the process that took this place lives; a beat within the last moment says so as well."""
        if (index == self._mine and self._pid == os.getpid()) or time.monotonic() - place.beat < FRESH:
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, index)
        except OSError:
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, index)
        return False

    def _head(self) -> tuple[float, int, int, int]:
        return _HEAD.unpack_from(self._page, 0)


@dataclass(slots=True)
class _Current:
    board: Board | None = None


_current = _Current()


def adopt(board: Board) -> None:
    """For the supervisor: this board is that of all processes forked from here on."""
    _current.board = board


def current() -> Board:
    """The board of this host; one of its own for a process that no supervisor started."""
    if _current.board is None:
        _current.board = Board()
        _current.board.beat()
    return _current.board
