"""The SQL by which runs let large values go, and by which those that no run needs are deleted.

It decides what is safe beside runs that begin to need the same values at the same time. When it is done, and for whom,
is decided elsewhere.
"""

from typing import Final

# Of a frozen document a run needs every word as long as it is there, to be shown and run again.
DUE: Final = """
FROM flows_payloaduse u JOIN flows_run r ON r.id = u.run_id JOIN flows_flow f ON f.id = r.flow_id
WHERE (u.run_id, u.hash) > (%(run)s, %(hash)s) AND u.run_id < %(before)s AND u.removed_after IS NULL
  AND u.hash <> r.document_hash AND r.owner IS NULL
  AND r.finished_at < %(now)s - make_interval(days => coalesce(f.payload_days, %(standard)s))
"""
LET_GO: Final = f"""
WITH due AS (
    SELECT u.run_id, u.hash, coalesce(f.payload_days, %(standard)s) AS days {DUE}
    ORDER BY u.run_id, u.hash LIMIT %(most)s FOR UPDATE OF u SKIP LOCKED
), gone AS (
    UPDATE flows_payloaduse u SET removed_after = due.days FROM due WHERE u.run_id = due.run_id AND u.hash = due.hash
)
SELECT run_id, hash FROM due ORDER BY run_id, hash
"""  # noqa: S608  # put together of constants alone
# Who begins to need a value that nobody needs has written or locked its row just before, in the same transaction, and
# set when it was last used: what is locked is passed over, and a row that was changed meanwhile is looked at again.
# The day covers that the time of a transaction is that of its beginning.
SWEEP: Final = """
WITH nobodys AS (
    SELECT p.hash FROM flows_payload p
    WHERE p.hash > %(after)s AND p.last_used_at < least(%(now)s, now()) - interval '1 day'
      AND NOT EXISTS (SELECT FROM flows_payloaduse u WHERE u.hash = p.hash AND u.removed_after IS NULL)
    ORDER BY p.hash LIMIT %(most)s FOR UPDATE OF p SKIP LOCKED
)
DELETE FROM flows_payload p USING nobodys n WHERE p.hash = n.hash RETURNING p.hash
"""
