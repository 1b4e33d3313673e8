"""Messages of the product itself, laid down in the transaction of what they speak of; the relay brings them on.

It refuses to know what they say and who reads them.
"""

from collections.abc import Sequence
from uuid import uuid5

from flows.models import Delivery, Outbox


def lay_down(messages: Sequence[Outbox], *, place: int | None = None) -> None:
    """Write them, each on its way; one whose id is there already adds nothing.

    They stand behind what is there of their key, or, where the order is given by something else, at this `place`.
    """
    placed = {} if place is None else {"position": place}
    Outbox.objects.bulk_create(messages, ignore_conflicts=True)
    Delivery.objects.bulk_create(
        [
            Delivery(
                id=uuid5(message.pk, "delivery"),
                message_id=message.pk,
                workspace_id=message.workspace_id,
                lane=f"{message.topic}:{message.key}" if message.key else "",
                **placed,
            )
            for message in messages
        ],
        ignore_conflicts=True,
    )
