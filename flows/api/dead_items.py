"""Dead letters of items, over HTTP: listed, run again, dismissed."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.operating import DismissedShape, LetterQuery
from flows.api.paging import Listing, listing
from flows.models import FailedItems
from flows.operations import dead_items
from flows.operations.access import Permission
from flows.operations.saying import message_of


class FailedItemsShape(BaseModel):
    """`failed` of `count` items of `step` failed, the first at `place`: `code` and `message` say why."""

    id: UUID
    run: UUID
    number: int
    flow: UUID
    flow_name: str
    step: str
    failed: int
    count: int
    place: int
    code: str
    message: str
    created_at: datetime


class ChosenItems(Body):
    letters: Annotated[
        list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=dead_items.MAX_CHOSEN)
    ]


class ItemsRetried(BaseModel):
    letter: UUID
    rerun: UUID


class ItemsNotRetried(BaseModel):
    letter: UUID
    code: str
    message: str


class ItemsRetriedShape(BaseModel):
    retried: list[ItemsRetried]
    refused: list[ItemsNotRetried]


class DeadItems(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described(
        "List failed items that steps went on without and nobody has dealt with",
        gives={200: Listing[FailedItemsShape]},
        query=LetterQuery,
    )
    def get(self, request: Request) -> Response:
        asked = self.query(LetterQuery)
        page = dead_items.list_dead_items(self.actor, flow=asked.flow, cursor=asked.cursor, limit=asked.limit)
        return Response(listing(request, page, items_shape))


class RetryOfDeadItems(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_START}

    @described("Run failed items again, and what follows their step", takes=ChosenItems, gives={200: ItemsRetriedShape})
    def post(self, _: Request) -> Response:
        done = dead_items.retry(self.actor, self.read(ChosenItems).letters)
        return Response(
            ItemsRetriedShape(
                retried=[ItemsRetried(letter=letter, rerun=run) for letter, run in done.retried],
                refused=[
                    ItemsNotRetried(letter=letter, code=error.code, message=message_of(error))
                    for letter, error in done.refused
                ],
            )
        )


class DismissalOfDeadItems(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Say that nothing more is to be done about failed items", takes=ChosenItems, gives={200: DismissedShape})
    def post(self, _: Request) -> Response:
        return Response(DismissedShape(dismissed=dead_items.dismiss(self.actor, self.read(ChosenItems).letters)))


def items_shape(items: FailedItems) -> FailedItemsShape:
    return FailedItemsShape(
        id=items.pk,
        run=items.run_id,
        number=items.run.number,
        flow=items.run.flow_id,
        flow_name=items.run.flow.name,
        step=items.step,
        failed=items.failed,
        count=items.count,
        place=items.place,
        code=items.code,
        message=items.message,
        created_at=items.created_at,
    )
