"""The shapes of lists of runs: which runs a filter means, and a page and the counts of them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field
from rest_framework.request import Request

from flows.api.endpoint import Query
from flows.api.flow_shapes import EnvironmentName
from flows.api.paging import Listing, ListQuery, listing
from flows.api.run_shapes import RunMark
from flows.operations.marks import moment, run_mark
from flows.operations.run_filter import RunFilter
from flows.operations.run_search import MAX_TEXT
from flows.operations.runs import RunPage


class RunsFilter(BaseModel):
    """Which runs. `status` takes several, separated by commas; `code` is that of the error they failed with.

    `q`: words that all fit. A word fits a run whose flow's name holds it, or the code, message or node of its error; or
    which has it for its number, its idempotency key, or the beginning of its id (6 digits at least).
    """

    flow: Annotated[UUID, Field(strict=False)] | None = None
    status: str = Field(default="", max_length=200)
    version: int | None = Field(default=None, ge=1, lt=2**31)
    parent: Annotated[UUID, Field(strict=False)] | None = None
    since: Annotated[AwareDatetime, Field(strict=False)] | None = None
    until: Annotated[AwareDatetime, Field(strict=False)] | None = None
    code: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.:-]{1,60}$")
    test: bool | None = None
    environment: EnvironmentName | None = None
    q: str = Field(default="", max_length=MAX_TEXT)

    def chosen(self) -> RunFilter:
        return RunFilter(
            flow=self.flow,
            statuses=[status for status in self.status.split(",") if status],
            version=self.version,
            parent=self.parent,
            since=self.since,
            until=self.until,
            code=self.code,
            is_test=self.test,
            environment=self.environment,
            text=self.q,
        )


class RunsQuery(RunsFilter, ListQuery):
    """A page of the runs that the filter means."""


class RunListing(Listing[RunMark]):
    """Told only where `q` left something out: numbers and errors of runs made before `looked_back_to`, and, where very many
    runs share a key, that key of those made before `keys_looked_back_to`."""

    looked_back_to: datetime | None = None
    keys_looked_back_to: datetime | None = None


def run_listing(request: Request, page: RunPage) -> dict[str, Any]:
    """A page of runs; how far back was looked stands in it only where something was left out."""
    bounds = {"looked_back_to": page.looked_back_to, "keys_looked_back_to": page.keys_looked_back_to}
    told = {name: moment(at) for name, at in bounds.items() if at is not None}
    return listing(request, page, run_mark) | told


class CodeCount(BaseModel):
    code: str
    count: int


class CountsShape(BaseModel):
    """Of the newest `looked_at` runs that the filter means, whatever its status and code; all of them if `is_all`."""

    statuses: dict[str, int]
    codes: list[CodeCount]
    looked_at: int
    is_all: bool


class CountsQuery(RunsFilter, Query):
    """Which runs are counted."""
