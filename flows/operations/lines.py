"""Standing in line: what a flow's limit on runs at once means for a new start.

It decides which line a run stands in (by the key, from its input) and what a full line does: the run waits, is
refused, or displaces the oldest. Who is let in, and when, is decided in `flows.runtime.lines`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connection, transaction

from flows.errors import BadInput, MulgilError
from flows.expr.compile import Compiled, as_text, compile_value
from flows.expr.errors import ExprError
from flows.models import Inbox
from flows.operations.facts import Facts
from flows.runtime.lines import DISPLACE, LET_IN, LIVE_IN, LOCK, Line, named
from flows.security import safejson
from flows.security.safejson import Json

T = TypeVar("T")
MAX_LINE: Final = 200

_LETTER: Final = "displaced"


class LineFull(MulgilError):
    """The flow runs {limit} at once, as many as it may, and refuses more."""

    code = "concurrency_limit"
    status = 429
    klass = "recoverable"
    hint = "Try again when one of its runs has ended, or let the flow queue what comes."


class BadLineKey(BadInput):
    """The key of the flow's concurrency can't be had from this input: {reason}"""

    code = "bad_concurrency_key"
    hint = "Give the input what the key reads, or change the key in the flow's settings."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a run stands: its line within the flow, how many of the line go at once, what a full one does."""

    line: str
    limit: int
    when_full: str


def stand_of(facts: Facts, given: dict[str, Json]) -> Stand | None:
    """The line of a run with this input; None where the flow has no limit. Raises BadLineKey."""
    asked = facts.concurrency
    if asked is None:
        return None
    try:
        key = as_text(_compiled(asked.key).resolve({"input": given, "vars": dict(facts.vars)}))
    except ExprError as error:
        raise BadLineKey(reason=error.message) from None
    if facts.environment is not None:
        # What runs elsewhere is no reason to wait here.
        key = f"{facts.environment}/{key}"
    if len(key) > MAX_LINE or "\x00" in key:
        key = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
    return Stand(line=key, limit=asked.limit, when_full=asked.when_full)


def join(flow: UUID, stands: Sequence[Stand], make: Callable[[], T]) -> T:
    """Make the runs of these places in one go, then let in whoever can be. Raises LineFull, and nothing is made."""
    with transaction.atomic(), connection.cursor() as cursor:
        places = {stand.line: stand for stand in stands}
        lines: list[Line] = [(flow, line) for line in places]
        if lines:
            cursor.execute(LOCK, named(lines))
        made = make()
        if not made or not lines:
            return made
        for stand in places.values():
            _make_room(flow, stand)
        cursor.execute(LET_IN, named(lines))
    return made


def make_way(flow: UUID, stand: Stand) -> None:
    """What the line does for one run that is about to be made by the journal. Raises LineFull.

    Whoever comes in between is no harm: the run stands in line, and is let in when there is room.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, named([(flow, stand.line)]))
        _make_room(flow, stand, coming=1)


def _make_room(flow: UUID, stand: Stand, *, coming: int = 0) -> None:
    where: dict[str, Any] = {"flow": flow, "line": stand.line, "limit": stand.limit - coming, "letter": _LETTER}
    with connection.cursor() as cursor:
        if stand.when_full == "reject":
            cursor.execute(LIVE_IN, where)
            if cursor.fetchone()[0] + coming > stand.limit:
                raise LineFull(limit=stand.limit)
        elif stand.when_full == "cancel_oldest":
            cursor.execute(DISPLACE, where)
            payload = safejson.dumps({"reason": "A newer run took its place", "by": "", "compensate": False})
            told = [run for (run,) in cursor.fetchall()]
            Inbox.objects.bulk_create(Inbox(run_id=run, kind="cancel", key=_LETTER, payload=payload) for run in told)
            if told:
                cursor.execute("SELECT pg_notify('mulgil_ready', '')")


@lru_cache(maxsize=1024)
def _compiled(key: str) -> Compiled:
    return compile_value(key)
