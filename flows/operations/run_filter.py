"""Which runs are meant: the one filter of the runs list, of its counts and of jobs.

It decides what each word of the filter means; it refuses to know what is done with the runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from flows.errors import BadInput
from flows.models import Run
from flows.models.base import first_id_at
from flows.models.run import Status
from flows.operations.environments import around_named
from flows.operations.run_search import Ways, ways_to


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Made `since` (included) and before `until`; `code` is the code of the error a run failed with; `text`: words that
    find it (`flows.operations.run_search`). None asks nothing."""

    flow: UUID | None = None
    statuses: Sequence[str] = ()
    version: int | None = None
    parent: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    code: str | None = None
    is_test: bool | None = None
    environment: str | None = None
    text: str = ""

    def shown(self) -> dict[str, Any]:
        """As JSON, in the words of the API, without what asks nothing."""
        said: dict[str, Any] = {
            "flow": str(self.flow) if self.flow else None,
            "status": ",".join(self.statuses) or None,
            "version": self.version,
            "parent": str(self.parent) if self.parent else None,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "code": self.code,
            "test": self.is_test,
            "environment": self.environment,
            "q": self.text or None,
        }
        return {name: value for name, value in said.items() if value is not None}


EVERY_RUN: Final = RunFilter()


def matching(workspace: UUID, asked: RunFilter) -> QuerySet[Run]:
    """The workspace's runs that the filter means, in no order.

    Raises BadInput for a status that doesn't exist, NotFound for an environment that doesn't.
    """
    rows, found = meant(workspace, asked)
    return rows if found is None else rows.filter(found.any())


def meant(workspace: UUID, asked: RunFilter) -> tuple[QuerySet[Run], Ways | None]:
    """The runs that the filter means but for its words, and how these find theirs among them. Raises as `matching`."""
    unknown = set(asked.statuses) - set(Status.values)
    if unknown:
        raise BadInput(reason=f"{', '.join(sorted(unknown))}: known are {', '.join(Status.values)}")
    rows = Run.objects.filter(workspace_id=workspace)
    if asked.flow is not None:
        rows = rows.filter(flow_id=asked.flow)
    rows = made_between(rows, asked)
    found = ways_to(workspace, asked.flow, rows, asked.text)
    if asked.statuses:
        rows = rows.filter(status__in=asked.statuses)
    if asked.version is not None:
        rows = rows.filter(version__number=asked.version)
    if asked.parent is not None:
        rows = rows.filter(parent_run_id=asked.parent)
    if asked.code is not None:
        # An error's text begins with its code (`flows.runtime.facts.error_column`).
        rows = rows.filter(status="failed", error__startswith=f'{{"code":"{asked.code}"')
    if asked.is_test is not None:
        rows = rows.filter(is_test=asked.is_test)
    if asked.environment is not None:
        rows = rows.filter(environment=around_named(workspace, asked.environment).id)
    return rows, found


def made_between(rows: QuerySet[Run], asked: RunFilter) -> QuerySet[Run]:
    """Those of the time that is asked for."""
    # The id of a run says when it was made, and lists go by ids: a time is a place in the list.
    if asked.since is not None:
        rows = rows.filter(pk__gte=first_id_at(asked.since))
    if asked.until is not None:
        rows = rows.filter(pk__lt=first_id_at(asked.until))
    return rows
