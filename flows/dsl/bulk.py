"""Making something large without stopping for garbage: a document of 10,000 nodes is half a million objects that all stay.

Python's collector looks through everything again and again while they are made and finds nothing, which takes as long as
making them. It decides from which size on that is put off, and refuses to know what is made.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LARGE: Final = 500
"""Nodes of a document from which on the collector waits."""

_lock: Final = threading.Lock()
_inside: Final[list[bool]] = []
"""One entry for each who is making something; the first says whether the collector was at work before."""


@contextmanager
def without_collecting(nodes: int) -> Iterator[None]:
    """Put collecting off in this process until the last who is inside has left."""
    if nodes < LARGE:
        yield
        return
    with _lock:
        _inside.append(_inside[0] if _inside else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            was_at_work = _inside.pop()
            if not _inside and was_at_work:
                gc.enable()
