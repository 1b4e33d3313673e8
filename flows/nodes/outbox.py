"""The node that publishes a message. Who takes it, and how it gets there, is decided by the workspace, not by the flow."""

import re
from typing import Annotated, Final, Self

import orjson
from pydantic import Field, model_validator

from flows.errors import LimitExceeded, phrase
from flows.nodes.base import Effect, Example, NodeConfig, Publish, Step, Value, _, node
from flows.nodes.http_exchange import check_headers

MAX_PAYLOAD: Final = 2**20
TOPIC: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:-]{0,199}")
OURS: Final = ("mulgil-", "webhook-")
"""Beginnings of the names of headers that a delivery sets itself."""


class PublishConfig(NodeConfig):
    topic: str = Field(
        min_length=1, max_length=200, description=_("What it is about, such as orders.paid; destinations take topics")
    )
    key: str = Field(
        "", max_length=255, description=_("Messages with the same key arrive in order; empty: in no order")
    )
    payload: Value = Field(None, description=_("Sent as JSON"), json_schema_extra={"x-primary": True})
    headers: dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=2_000)]] = Field(
        default_factory=dict, max_length=30, description=_("Sent along with the message")
    )

    @model_validator(mode="after")
    def _sendable(self) -> Self:
        if "{{" not in self.topic and not TOPIC.fullmatch(self.topic):
            raise ValueError("a topic is made of letters, digits and _ - . / :")
        for name in self.headers:
            if name.lower() in ("idempotency-key", "content-type") or name.lower().startswith(OURS):
                raise ValueError(phrase("the header {name} is set by the delivery itself", name=name))
        return self


@node(
    "outbox.publish",
    label=_("Publish a message"),
    icon="send",
    category="net",
    effect=Effect.TRANSACTIONAL,
    description=_("Writes a message once, for every destination that takes its topic."),
    summary="{topic}",
    example=Example(
        config={"topic": "orders.paid", "key": "{{ input.order_id }}", "payload": {"order": "{{ input.order_id }}"}},
        input={"order_id": "A-1042"},
    ),
)
async def publish(config: PublishConfig, step: Step) -> Publish:
    """Lays a message into the outbox in the very transaction that notes the step as done: it is there if and only if
    the step succeeded, and once, whatever is tried again.

    It is then delivered to each destination that takes its topic, at least once, with the same `Idempotency-Key`
    every time, and in order for messages with the same `key`. Destinations are set up on the page *Operations*. The
    step doesn't wait for any of it; its output is `{message}`, the message's id.
    """
    check_headers(config.headers)
    size = len(orjson.dumps(config.payload))
    if size > MAX_PAYLOAD:
        raise LimitExceeded(what="The payload of the message", size=size, limit=MAX_PAYLOAD)
    return Publish(config.topic, config.key, config.payload, dict(config.headers))
