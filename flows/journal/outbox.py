"""How messages for the world are written beside the events they follow from, and which way each is to go.

One row for each message, one for each destination that takes its topic at that moment: in the same transaction, or
never. A message that a step published has an id made of that step, so that it is there once, whatever was tried again.
How it gets there is the relay's business.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

import psycopg
from uuid_utils.compat import uuid7

from flows.journal.rows import Batch, Message

NOBODY: Final = "no destination takes this topic"

SEND: Final = """
INSERT INTO flows_outbox (id, run_id, workspace_id, step, topic, key, payload, headers, created_at)
SELECT x.id, x.run, r.workspace_id, x.step, x.topic, x.key, x.payload, x.headers, now()
FROM unnest(%(ids)s::uuid[], %(runs)s::uuid[], %(steps)s::text[], %(topics)s::text[], %(keys)s::text[],
    %(payloads)s::text[], %(headers)s::text[]) AS x(id, run, step, topic, key, payload, headers)
JOIN flows_run r ON r.id = x.run
ON CONFLICT (id) DO NOTHING
"""

# An id with the time in front, as all others have it.
_NEW_ID: Final = """
encode(overlay(overlay(uuid_send(gen_random_uuid()) PLACING
    substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6)
    PLACING '\\x70'::bytea FROM 7 FOR 1), 'hex')::uuid
"""

MATCHES: Final = """
EXISTS (SELECT 1 FROM unnest(d.topics) AS t(topic)
    WHERE t.topic = o.topic OR (right(t.topic, 1) = '*' AND starts_with(o.topic, left(t.topic, -1))))
"""

# In the order of the messages: the positions that are given out here are the order in which they go. Who takes a topic is
# held fast until the commit, so that no message is routed to a destination that is being deleted.
ROUTE: Final = f"""
WITH takers AS MATERIALIZED (
    SELECT d.id, d.workspace_id, d.topics FROM flows_destination d
    WHERE d.deleted_at IS NULL AND d.workspace_id IN (
        SELECT o.workspace_id FROM flows_outbox o WHERE o.id = ANY(%(ids)s) AND o.step <> ''
    ) ORDER BY d.id FOR SHARE
)
INSERT INTO flows_delivery (id, message_id, workspace_id, destination_id, lane, state, blocks, tries, since, next_try_at,
    done_at, last_error)
SELECT {_NEW_ID}, o.id, o.workspace_id, d.id,
    CASE WHEN o.key = '' THEN '' ELSE coalesce(d.id::text, o.topic) || ':' || o.key END,
    CASE WHEN lost.it THEN 'dead' ELSE 'waiting' END, NOT lost.it, 0, now(), now(),
    CASE WHEN lost.it THEN now() END, CASE WHEN lost.it THEN '{NOBODY}' ELSE '' END
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS x(id, ord)
JOIN flows_outbox o ON o.id = x.id
LEFT JOIN takers d ON o.step <> '' AND d.workspace_id = o.workspace_id AND {MATCHES}
CROSS JOIN LATERAL (SELECT o.step <> '' AND d.id IS NULL) AS lost(it)
WHERE NOT EXISTS (SELECT 1 FROM flows_delivery p WHERE p.message_id = o.id)
ORDER BY x.ord, d.id
"""  # noqa: S608  # put together of constants alone

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


def message_id(run: UUID, step: str) -> UUID:
    """The id of what a step publishes: the same over all its attempts, crashes and repetitions."""
    return uuid5(run, f"message of {step}")


async def send(connection: Connection, batches: Sequence[Batch]) -> None:
    """Write the messages of these batches, and on which ways they are."""
    found: dict[UUID, tuple[UUID, Message]] = {}
    for batch in batches:
        for message in batch.messages:
            name = message_id(batch.run, message.step) if message.step else uuid7()
            found.setdefault(name, (batch.run, message))
    if not found:
        return
    messages = [message for _, message in found.values()]
    await connection.execute(
        SEND,
        {
            "ids": list(found),
            "runs": [run for run, _ in found.values()],
            "steps": [message.step for message in messages],
            "topics": [message.topic for message in messages],
            "keys": [message.key for message in messages],
            "payloads": [message.payload for message in messages],
            "headers": [message.headers for message in messages],
        },
    )
    await connection.execute(ROUTE, {"ids": list(found)})
