"""What a step asks of the product above it, in a thread: the database's trouble is waited for, and is never the step's failure.

It decides what such trouble is. What is asked must be whole or not at all, and the same however often it is asked.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, InternalError, OperationalError

from flows.journal.connection import pause

# A connection that is gone, a statement that the server gave up (57014), a server that takes no writes for now.
TROUBLE: Final = (OperationalError, InterfaceError, InternalError)

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


async def patiently(ask: Callable[[Asked], Answer], asked: Asked) -> Answer:
    """What it answers in the end. Raises what the product refuses with."""
    tries = 0
    while True:
        try:
            return await asyncio.to_thread(ask, asked)
        except TROUBLE as error:
            log.warning("a step waits for the database: %s", error)
            await asyncio.sleep(pause(tries))
            tries += 1
