"""The one boundary with foreign code: a node may raise anything, and no more than its own attempt may suffer.

Nowhere else is everything caught. A cut (CancelledError) and the end of the process pass through.
"""

from types import TracebackType
from typing import Self


class ForeignCode:
    """`with ForeignCode() as code: …` keeps what was raised inside in `code.error`."""

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self.error = error
            return True
        return False
