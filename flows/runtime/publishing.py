"""From a node's wish to publish to the row that is committed with the step's success. It sends nothing."""

from uuid import UUID

import orjson

from flows.journal.outbox import message_id
from flows.journal.rows import Message
from flows.journal.values import settle
from flows.nodes.results import Publish
from flows.security.limits import LIMITS
from flows.security.safejson import Json


def published(wish: Publish, run: UUID, step: str) -> tuple[dict[str, Json], Message]:
    """The output of the step and the message. Raises MulgilError for what can't be written."""
    whole: dict[str, Json] = {"key": wish.key, "payload": wish.payload, "headers": dict(wish.headers)}
    settle(whole, what="The message", limit=LIMITS.step_output)
    message = Message(
        topic=wish.topic,
        key=wish.key,
        payload=orjson.dumps(wish.payload).decode(),
        step=step,
        headers=orjson.dumps(wish.headers).decode(),
    )
    return {"message": str(message_id(run, step))}, message
