"""Published messages over HTTP: where they go, which are on their way, and what to do about those given up."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.described import described
from flows.api.endpoint import Body, Endpoint
from flows.api.paging import Listing, ListQuery, listing
from flows.models import Delivery, Destination
from flows.operations import deliveries, destinations
from flows.operations.access import Permission
from flows.operations.deliveries import State
from flows.operations.destinations import Wanted
from flows.runtime.sinks import kinds


class DestinationShape(BaseModel):
    """`max_age`: for how long a message is tried; `waiting`, `dead`: how many of its messages are."""

    id: UUID
    name: str
    kind: str
    config: dict[str, Any]
    topics: list[str]
    credential: str
    signing: str
    active: bool
    max_attempts: int
    max_age: str
    waits_for_dead: bool
    waiting: int
    dead: int
    created_at: datetime


class WriteDestination(Body):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Annotated[str, Field(min_length=1, max_length=40)] = "http"
    config: dict[str, Any]
    topics: Annotated[list[Annotated[str, Field(max_length=201)]], Field(max_length=destinations.MAX_TOPICS)] = []
    credential: Annotated[str, Field(max_length=100)] = ""
    signing: Annotated[str, Field(max_length=100)] = ""
    active: bool = True
    max_attempts: Annotated[int, Field(ge=1, le=destinations.MAX_ATTEMPTS)] = 20
    max_age: Annotated[str, Field(min_length=2, max_length=20)] = "1d"
    waits_for_dead: bool = False


class DeliveryShape(BaseModel):
    """One message for one destination; `destination` is null for the product's own and where nobody takes the topic."""

    id: UUID
    message: UUID
    topic: str
    key: str
    destination: str | None
    state: str
    tries: int
    last_error: str
    run: UUID | None
    step: str
    created_at: datetime
    next_try_at: datetime
    done_at: datetime | None


class DeliveryQuery(ListQuery):
    state: State = "dead"
    destination: UUID | None = None


class ChosenDeliveries(Body):
    deliveries: Annotated[
        list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=deliveries.MAX_CHOSEN)
    ]


class SentAgain(BaseModel):
    """`unrouted`: still taken by no destination."""

    retried: int
    unrouted: int


class Dropped(BaseModel):
    dropped: int


class KindsOfDestinations(BaseModel):
    kinds: list[str]


class DestinationKinds(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("The kinds of destinations this installation delivers to", gives={200: KindsOfDestinations})
    def get(self, _: Request) -> Response:
        return Response(KindsOfDestinations(kinds=kinds()))


class Destinations(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ, "post": Permission.OUTBOX_WRITE}

    @described("List where published messages go", gives={200: Listing[DestinationShape]}, query=ListQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(ListQuery)
        page = destinations.list_destinations(self.actor, cursor=asked.cursor, limit=asked.limit)
        standing = destinations.standing(self.actor, [one.pk for one in page.rows])
        return Response(listing(request, page, lambda one: destination_shape(one, standing.get(one.pk, (0, 0)))))

    @described(
        "Have published messages of some topics sent somewhere", takes=WriteDestination, gives={201: DestinationShape}
    )
    def post(self, _: Request) -> Response:
        made = destinations.create_destination(self.actor, Wanted(**self.read(WriteDestination).model_dump()))
        return Response(destination_shape(made, (0, 0)), status=201)


class OneDestination(Endpoint):
    needs: ClassVar = {
        "get": Permission.RUNS_READ,
        "put": Permission.OUTBOX_WRITE,
        "delete": Permission.OUTBOX_WRITE,
    }

    @described("Read a destination", gives={200: DestinationShape})
    def get(self, _: Request, destination: UUID) -> Response:
        return Response(self._shape(destinations.find_destination(self.actor, destination)))

    @described("Change a destination", takes=WriteDestination, gives={200: DestinationShape})
    def put(self, _: Request, destination: UUID) -> Response:
        wanted = Wanted(**self.read(WriteDestination).model_dump())
        return Response(self._shape(destinations.change_destination(self.actor, destination, wanted)))

    @described("Delete a destination that no message waits for", gives={204: None})
    def delete(self, _: Request, destination: UUID) -> Response:
        destinations.delete_destination(self.actor, destination)
        return Response(status=204)

    def _shape(self, found: Destination) -> DestinationShape:
        standing = destinations.standing(self.actor, [found.pk])
        return destination_shape(found, standing.get(found.pk, (0, 0)))


class Deliveries(Endpoint):
    needs: ClassVar = {"get": Permission.RUNS_READ}

    @described("List messages by what became of them", gives={200: Listing[DeliveryShape]}, query=DeliveryQuery)
    def get(self, request: Request) -> Response:
        asked = self.query(DeliveryQuery)
        page = deliveries.list_deliveries(
            self.actor, state=asked.state, destination=asked.destination, cursor=asked.cursor, limit=asked.limit
        )
        return Response(listing(request, page, delivery_shape))


class RetryOfDeliveries(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Send dead messages again", takes=ChosenDeliveries, gives={200: SentAgain})
    def post(self, _: Request) -> Response:
        done = deliveries.retry_deliveries(self.actor, self.read(ChosenDeliveries).deliveries)
        return Response(SentAgain(retried=done.retried, unrouted=done.unrouted))


class DropOfDeliveries(Endpoint):
    needs: ClassVar = {"post": Permission.RUNS_STEER}

    @described("Give messages up that wait or are dead", takes=ChosenDeliveries, gives={200: Dropped})
    def post(self, _: Request) -> Response:
        chosen = self.read(ChosenDeliveries).deliveries
        return Response(Dropped(dropped=deliveries.drop_deliveries(self.actor, chosen)))


def destination_shape(destination: Destination, standing: tuple[int, int]) -> DestinationShape:
    return DestinationShape(
        id=destination.pk,
        name=destination.name,
        kind=destination.kind,
        config=destination.config,
        topics=destination.topics,
        credential=destination.credential,
        signing=destination.signing,
        active=destination.is_active,
        max_attempts=destination.max_attempts,
        max_age=destinations.age_of(destination),
        waits_for_dead=destination.waits_for_dead,
        waiting=standing[0],
        dead=standing[1],
        created_at=destination.created_at,
    )


def delivery_shape(delivery: Delivery) -> DeliveryShape:
    message = delivery.message
    return DeliveryShape(
        id=delivery.pk,
        message=message.pk,
        topic=message.topic,
        key=message.key,
        destination=delivery.destination.name if delivery.destination is not None else None,
        state=delivery.state,
        tries=delivery.tries,
        last_error=delivery.last_error,
        run=message.run_id,
        step=message.step,
        created_at=message.created_at,
        next_try_at=delivery.next_try_at,
        done_at=delivery.done_at,
    )
