"""How deployments are written beside the events of their steps: the first time made, and from then on changed."""

from collections.abc import Sequence
from typing import Any, Final

import orjson
import psycopg
from uuid_utils.compat import uuid7

from flows.journal.rows import Batch, DeploymentRow

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# What others tell may be longer than a row takes, and a run must not stand still for it.
DEPLOY: Final = """
INSERT INTO flows_deployment (id, workspace_id, run, step, number, environment, endpoint, target, model, version,
    previous, strategy, variant, share, state, reason, created_at, changed_at)
SELECT x.id, r.workspace_id, r.id, x.step, r.number, left(d ->> 'environment', 63), left(d ->> 'endpoint', 250),
    d ->> 'target', left(d ->> 'model', 250), left(d ->> 'version', 100), left(d ->> 'previous', 100),
    d ->> 'strategy', left(d ->> 'variant', 250), (d ->> 'share')::int, d ->> 'state', d ->> 'reason', now(), now()
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::jsonb[]) AS x(id, run, step, d)
JOIN flows_run r ON r.id = x.run
ON CONFLICT (run, step) DO UPDATE SET share = excluded.share, state = excluded.state, reason = excluded.reason,
    changed_at = excluded.changed_at
"""


async def deploy(connection: Connection, batches: Sequence[Batch]) -> None:
    """Write what became of deployments; of several words about one the last stands."""
    found: dict[tuple[Any, str], DeploymentRow] = {}
    for batch in batches:
        for row in batch.deployments:
            found[batch.run, row.step] = row
    if found:
        keys = sorted(found)
        await connection.execute(
            DEPLOY,
            (
                [uuid7() for _ in keys],
                [run for run, _ in keys],
                [step for _, step in keys],
                [orjson.dumps(found[key].told).decode() for key in keys],
            ),
        )
