"""Runs as they are found and listed. What stands in them is read from the journal."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q, QuerySet

from flows.errors import NotFound
from flows.journal import moments, read
from flows.journal.went_by import version_before
from flows.models import Flow, Run
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import MAX_LIMIT, Page, page_of, read_cursor
from flows.operations.resolving import written_input
from flows.operations.run_filter import RunFilter, made_between, matching, meant
from flows.security.safejson import Json

MAX_COUNTED: Final = 100_000
MAX_CODES: Final = 50

# An error's text begins with its code (`flows.runtime.facts.error_column`): it is cut out, not parsed.
COUNTS: Final = """
SELECT status, CASE WHEN status = 'failed' THEN split_part(left(error, 100), '"', 4) END AS code, count(*)
FROM ({newest}) AS newest GROUP BY 1, 2
"""
# Where flow and time alone narrow, no run that succeeded is read: how many runs there are an index tells by itself, and
# those that did not succeed have one of their own.
COUNTS_BY_INDEX: Final = """
WITH newest AS ({newest}), others AS (
    SELECT status, CASE WHEN status = 'failed' THEN split_part(left(error, 100), '"', 4) END AS code, count(*) AS count
    FROM ({rest}) AS rest WHERE id >= (SELECT id FROM newest ORDER BY id LIMIT 1) GROUP BY 1, 2
)
SELECT status, code, count FROM others
UNION ALL SELECT 'succeeded', NULL, (SELECT count(*) FROM newest) - (SELECT coalesce(sum(count), 0) FROM others)::bigint
"""


@dataclass(frozen=True, slots=True)
class RunPage(Page[Run]):
    """Where words were asked for: numbers and errors of runs made before `looked_back_to` were not looked at, nor keys of
    those made before `keys_looked_back_to`."""

    looked_back_to: datetime | None = None
    keys_looked_back_to: datetime | None = None


def list_runs(actor: Actor, asked: RunFilter, *, cursor: str | None = None, limit: int = 50) -> RunPage:
    """The workspace's runs that the filter means, newest first, without their inputs and outputs."""
    access.require(actor, Permission.RUNS_READ)
    rows, found = meant(actor.workspace, asked)
    if found is None:
        page = page_of(_lean(rows), cursor=cursor, limit=limit)
        return RunPage(page.rows, page.next)
    before = rows if cursor is None else rows.filter(pk__lt=read_cursor(cursor))
    # One more than a page has, so that it is known whether another comes.
    newest = found.newest(before, min(max(limit, 1), MAX_LIMIT) + 1)
    page = page_of(_lean(Run.objects.filter(pk__in=newest)), cursor=None, limit=limit)
    return RunPage(page.rows, page.next, found.looked_back_to, found.keys_looked_back_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many of the newest `looked_at` runs stand how, and the codes they failed with, the most frequent first."""

    statuses: dict[str, int]
    codes: list[tuple[str, int]]
    looked_at: int
    is_all: bool


def count_runs(actor: Actor, asked: RunFilter) -> Counts:
    """The runs that the filter means, by status; beside each status stands what choosing it would show.

    So the filter's own statuses and code narrow nothing here.
    """
    access.require(actor, Permission.RUNS_READ)
    wide = replace(asked, statuses=(), code=None)
    statuses: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for status, code, count in _counted(actor.workspace, wide):
        statuses[status] += count
        if code:
            codes[code] += count
    total = sum(statuses.values())
    return Counts(
        statuses=dict(+statuses),
        codes=codes.most_common(MAX_CODES),
        looked_at=min(total, MAX_COUNTED),
        is_all=total <= MAX_COUNTED,
    )


def _counted(workspace: UUID, asked: RunFilter) -> list[tuple[str, str | None, int]]:
    """Of the newest runs that the filter means: a status, the code where that is `failed`, and how many."""
    if asked == RunFilter(flow=asked.flow, since=asked.since, until=asked.until):
        if asked.flow is not None and not Flow.objects.filter(pk=asked.flow, workspace_id=workspace).exists():
            return []
        # A flow's runs are its workspace's; each index has one of the two alone.
        around = Q(workspace_id=workspace) if asked.flow is None else Q(flow_id=asked.flow)
        rows = made_between(Run.objects.filter(around), asked)
        newest, narrow = rows.order_by("-pk").values("id")[: MAX_COUNTED + 1].query.sql_with_params()
        rest, narrow_too = rows.exclude(status="succeeded").values("id", "status", "error").query.sql_with_params()
        text, params = COUNTS_BY_INDEX.format(newest=newest, rest=rest), (*narrow, *narrow_too)
    else:
        rows = matching(workspace, asked).order_by("-pk")
        newest, params = rows.values("status", "error")[: MAX_COUNTED + 1].query.sql_with_params()
        text = COUNTS.format(newest=newest)
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        found: list[tuple[str, str | None, int]] = cursor.fetchall()
    return found


def find_run(actor: Actor, run: UUID) -> Run:
    """Raises NotFound alike for a missing one and another workspace's."""
    access.require(actor, Permission.RUNS_READ)
    found = _runs(actor).filter(pk=run).first()
    if found is None:
        raise NotFound(thing="run")
    return found


def read_run(actor: Actor, run: UUID) -> dict[str, Json]:
    """The run with its top-level steps. Raises NotFound."""
    find_run(actor, run)
    view = read.run_view(run)
    if view is None:
        raise NotFound(thing="run")
    return view


def read_step(actor: Actor, run: UUID, step: str, at: int | None = None) -> dict[str, Json]:
    """A step with its resolved input, output, attempts and logs, now or after the event `at`. Raises NotFound."""
    find_run(actor, run)
    detail = read.step_detail(run, step, read.ALL if at is None else at)
    if detail is None:
        raise NotFound(thing="step")
    if detail["attempts"] and detail["input"] is None:
        detail["input"] = written_input(read.run_document(run, read.last_begun(run, step, at or read.ALL)), step)
    return detail


def has_step(actor: Actor, run: UUID, step: str) -> bool:
    """Whether the run has come to a step of this key. Raises NotFound for the run."""
    find_run(actor, run)
    return read.first_seen(run, step) > 0


def document_of(actor: Actor, run: UUID, at: int | None = None) -> tuple[dict[str, Any], int | None]:
    """The document the run goes by, or went by behind the event `at`, and its version's number. Raises NotFound."""
    found = find_run(actor, run)
    before = version_before(run, at) if at is not None else None
    if before is not None:
        return before.document, before.number
    if found.version is not None:  # both of the one version, whatever the run is moved to meanwhile
        return orjson.loads(found.version.document), found.version.number
    return read.run_document(run), None


def read_moment(actor: Actor, run: UUID, seq: int) -> dict[str, Json]:
    """The run as it stood after the event `seq`. Raises NotFound."""
    find_run(actor, run)
    found = moments.run_at(run, seq)
    if found is None:
        raise NotFound(thing="event")
    return found


def read_items(actor: Actor, run: UUID, step: str, at: int | None = None) -> dict[str, Json]:
    """How each item of a step stands, now or after the event `at`. Raises NotFound."""
    find_run(actor, run)
    found = moments.item_states(run, step, read.ALL if at is None else at)
    if found is None:
        raise NotFound(thing="step")
    return found


def neighbours(actor: Actor, run: UUID) -> tuple[Run | None, Run | None]:
    """The runs of its flow before and after this one. Raises NotFound."""
    here = find_run(actor, run)
    others = _runs(actor).filter(flow_id=here.flow_id)
    return others.filter(pk__lt=run).order_by("-pk").first(), others.filter(pk__gt=run).order_by("pk").first()


def _runs(actor: Actor) -> QuerySet[Run]:
    return _lean(Run.objects.filter(workspace_id=actor.workspace))


def _lean(rows: QuerySet[Run]) -> QuerySet[Run]:
    return rows.select_related("flow", "version", "environment").defer("version__document", "input", "output", "part")
