"""Listing runs: a database full of them, and what each view of the runs page costs the server.

The rows are written straight into the table, as runs that ended long ago stand there. Beside the time on the wall
stands the processor time of web and database together, which a busy machine doesn't stretch.
"""

import os
import time
from pathlib import Path
from typing import Any, Final

import psycopg

from bench import documents
from bench.figures import spread
from bench.processes import children
from bench.product import Product

TIMES: Final = 20
FLOWS: Final = 20

# Over the last thirty days, in order; of each hundred 95 succeeded, 4 failed with one of three codes, 1 was cancelled.
FILL: Final = """
WITH flow AS (SELECT id, workspace_id, row_number() OVER (ORDER BY id) - 1 AS place FROM flows_flow WHERE id = ANY(%(flows)s)),
made AS (
  SELECT n, now() - (%(count)s - n) * (interval '30 days' / %(count)s) AS at FROM generate_series(1, %(count)s) AS n
)
INSERT INTO flows_run (id, workspace_id, flow_id, version_id, document_hash, part, number, attempt, parent_step,
  trigger, input, request_hash, started_by, is_test, status, priority, queue, fence, seq, careful, mail, depth, awaited,
  held, created_at, started_at, finished_at, error, output)
SELECT (lpad(to_hex((extract(epoch FROM m.at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(m.n %% 4096), 3, '0')
    || '8' || substr(md5(m.n::text), 1, 15))::uuid,
  f.workspace_id, f.id, v.id, v.hash, '', m.n, 1, '', 'start', '{"n":1}', '', 'bench', false,
  CASE WHEN m.n %% 100 < 95 THEN 'succeeded' WHEN m.n %% 100 < 99 THEN 'failed' ELSE 'cancelled' END,
  0, 'default', 1, 5, false, 0, 0, false, false, m.at, m.at, m.at + interval '1 second',
  CASE WHEN m.n %% 100 BETWEEN 95 AND 98 THEN '{"code":"' || (ARRAY['timeout', 'http_status', 'missing_key'])[m.n / 100 %% 3 + 1]
    || '","class":"permanent","message":"it did not answer","node":"n0","step":"n0","hint":""}' END,
  CASE WHEN m.n %% 100 < 95 THEN '{"n":1}' END
FROM made m JOIN flow f ON f.place = m.n %% %(spread)s JOIN flows_version v ON v.flow_id = f.id
"""


def listing(product: Product, *, count: int) -> dict[str, Any]:
    """Milliseconds per request over so many runs, on the wall and of processor time, by view."""
    flows = [product.publish(documents.chain(1)) for _ in range(FLOWS)]
    address = (product.data / "database-address").read_text().strip()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(FILL, {"flows": flows, "count": count, "spread": FLOWS})
        connection.execute("VACUUM ANALYZE flows_run")
        row = connection.execute("SELECT id FROM flows_run ORDER BY id OFFSET %s LIMIT 1", (count // 2,)).fetchone()
    middle = str(row[0]) if row else ""
    lately = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 86_400))
    views: dict[str, tuple[str, dict[str, Any]]] = {
        "all": ("/api/runs/", {}),
        "failed": ("/api/runs/", {"status": "failed"}),
        "one flow": ("/api/runs/", {"flow": flows[0]}),
        "one flow, cancelled": ("/api/runs/", {"flow": flows[0], "status": "cancelled"}),
        "one error": ("/api/runs/", {"code": "timeout"}),
        "no such error": ("/api/runs/", {"code": "nothing"}),
        "none paused": ("/api/runs/", {"status": "paused"}),
        "version": ("/api/runs/", {"version": 1}),
        "last day": ("/api/runs/", {"since": lately, "status": "failed"}),
        "from the middle": ("/api/runs/", {"cursor": middle}),
        "counts": ("/api/runs/counts/", {}),
        "counts of one flow": ("/api/runs/counts/", {"flow": flows[0]}),
        "dead letters": ("/api/dead-letters/", {}),
        "words of every flow": ("/api/runs/", {"q": "chain"}),
        "words of every error": ("/api/runs/", {"q": "answer"}),
        "words of no run": ("/api/runs/", {"q": "zebra"}),
        "words of no message": ("/api/runs/", {"q": "permanent"}),
        "words of no failed run of one flow": ("/api/runs/", {"q": "zebra", "flow": flows[0]}),
        "name and error": ("/api/runs/", {"q": "chain timeout"}),
        "number": ("/api/runs/", {"q": str(count // 2)}),
        "no such number": ("/api/runs/", {"q": f"#{count + 1}"}),
        "id": ("/api/runs/", {"q": middle}),
        "counts of words of every flow": ("/api/runs/counts/", {"q": "chain"}),
        "counts of words of no run": ("/api/runs/counts/", {"q": "zebra"}),
    }
    told = {name: _measured(product, path, asked) for name, (path, asked) in views.items()}
    return {
        "runs": count,
        "worst_p95": max(one["p95"] for one in told.values()),
        "worst_cpu": max(one["cpu"] for one in told.values()),
        "views": told,
    }


def _measured(product: Product, path: str, asked: dict[str, Any]) -> dict[str, float]:
    for _ in range(3):
        product.get(path, **asked)
    taken, before = [], _processor(product.process.pid)
    for _ in range(TIMES):
        began = time.perf_counter()
        product.get(path, **asked)
        taken.append((time.perf_counter() - began) * 1000)
    after = _processor(product.process.pid)
    # A process that came or went meanwhile, a vacuum of the database say, answered no request.
    spent = sum(after[one] - before[one] for one in after.keys() & before.keys())
    wall = spread(taken, digits=1)
    return {"p50": wall["p50"], "p95": wall["p95"], "cpu": round(spent * 1000 / TIMES, 1)}


def _processor(pid: int) -> dict[int, float]:
    """Seconds that each of the product's processes has computed; what it does on the side is counted too."""
    found = {}
    for one in children(pid):
        try:
            words = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[one] = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return found
