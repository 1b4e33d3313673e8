"""How deployments are written beside the events of their steps: the first time made, and from then on changed.

It decides that one endpoint has one deployment under way: of two that begin at once the second is not recorded, and its
step finds that out before it changes anything.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson
import psycopg
from uuid_utils.compat import uuid7

from flows.journal.rows import Batch

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# In the order of keys, so that two that write several never wait for each other in a circle. What each begins with is
# looked at behind it, by a statement of its own, which sees all that was committed before.
ALONE: Final = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended(concat_ws(':', 'deploy', r.workspace_id, d ->> 'target', d ->> 'endpoint'), 0) AS key
    FROM unnest(%s::uuid[], %s::jsonb[]) AS x(run, d) JOIN flows_run r ON r.id = x.run ORDER BY key
) AS keys
"""

# What others tell may be longer than a row takes, and a run must not stand still for it.
# A deployment that its step begins anew has a variant of its own, and takes the row of the one before over as a whole.
DEPLOY: Final = """
INSERT INTO flows_deployment (id, workspace_id, run, step, number, environment, endpoint, target, model, version,
    previous, strategy, variant, share, state, reason, created_at, changed_at)
SELECT %(id)s, r.workspace_id, r.id, %(step)s, r.number, left(d ->> 'environment', 63), left(d ->> 'endpoint', 250),
    d ->> 'target', left(d ->> 'model', 250), left(d ->> 'version', 100), left(d ->> 'previous', 100),
    d ->> 'strategy', left(d ->> 'variant', 250), (d ->> 'share')::int, d ->> 'state', d ->> 'reason', now(), now()
FROM flows_run r CROSS JOIN (SELECT %(told)s::jsonb AS d) AS x
WHERE r.id = %(run)s AND (d ->> 'state' <> 'under_way' OR NOT EXISTS (
    SELECT 1 FROM flows_deployment o WHERE o.workspace_id = r.workspace_id AND o.endpoint = left(d ->> 'endpoint', 250)
    AND o.target = d ->> 'target' AND o.state = 'under_way' AND (o.run, o.step) <> (r.id, %(step)s)
))
ON CONFLICT (run, step) DO UPDATE SET environment = excluded.environment, endpoint = excluded.endpoint,
    target = excluded.target, model = excluded.model, version = excluded.version, previous = excluded.previous,
    strategy = excluded.strategy, variant = excluded.variant, share = excluded.share, state = excluded.state,
    reason = excluded.reason, changed_at = excluded.changed_at, created_at = CASE
        WHEN flows_deployment.variant = excluded.variant THEN flows_deployment.created_at ELSE excluded.created_at END
"""

# Nothing more is known of it than that its step is over; what it had come to stands in the row.
ABANDON: Final = """
UPDATE flows_deployment SET state = 'abandoned', reason = %(reason)s, changed_at = now()
WHERE run = %(run)s AND step = %(step)s AND state = 'under_way'
"""


async def deploy(connection: Connection, batches: Sequence[Batch]) -> None:
    """Write what became of deployments, in the order in which it was told."""
    rows = sorted(
        ((batch.run, row) for batch in batches for row in batch.deployments), key=lambda one: (one[0], one[1].step)
    )
    told = [(run, orjson.dumps(row.told).decode()) for run, row in rows if row.left is None]
    if told:
        await connection.execute(ALONE, ([run for run, _ in told], [text for _, text in told]))
    for run, row in rows:
        if row.left is not None:
            await connection.execute(ABANDON, {"run": run, "step": row.step, "reason": row.left})
        else:
            values = {"id": uuid7(), "run": run, "step": row.step, "told": orjson.dumps(row.told).decode()}
            await connection.execute(DEPLOY, values)
