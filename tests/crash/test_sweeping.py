"""A purge that is killed in mid-sweep leaves nothing half done, and the next one finishes it."""

import os
import secrets
import signal
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone

from flows.journal.connection import connect_sync
from flows.models import Payload
from flows.operations.fsck import check
from flows.operations.sweeping import BATCH, sweep
from tests.cast import person
from tests.crash.hosts import address_of_test_database

pytestmark = pytest.mark.django_db(transaction=True)

MANAGE = Path(__file__).parents[2] / "manage.py"
LOCK = 7_401
# Whoever deletes the value in the middle of the second batch waits.
STUCK = f"""
CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN OLD; END $$;
CREATE TRIGGER stuck BEFORE DELETE ON flows_payload FOR EACH ROW WHEN (OLD.size = 2) EXECUTE FUNCTION wait_here()
"""
UNSTUCK = "DROP TRIGGER stuck ON flows_payload; DROP FUNCTION wait_here()"
# The locks of a server are those of all its databases, and a table of a copied database has the same number in each.
HERE = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
WAITS = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted AND {HERE}"
DELETES = f"""
SELECT count(*) FROM pg_locks WHERE relation = 'flows_payload'::regclass AND mode = 'RowExclusiveLock' AND {HERE}
"""


def orphans(count: int) -> list[str]:
    names = sorted(sha256(str(number).encode()).hexdigest() for number in range(count))
    Payload.objects.bulk_create(Payload(hash=name, size=1, data=b"1") for name in names)
    Payload.objects.update(last_used_at=timezone.now() - timedelta(days=2))
    Payload.objects.filter(hash=names[BATCH + BATCH // 2]).update(size=2)
    return names


def test_a_purge_killed_in_mid_sweep_is_finished_by_the_next() -> None:
    person("admin", "admin")
    names = orphans(2 * BATCH + 10)
    environment = os.environ | {
        "DATABASE_URL": address_of_test_database(),
        "MULGIL_SECRET_KEY": secrets.token_urlsafe(48),
    }
    with connect_sync("test sweeping") as held:
        held.execute(STUCK.encode())
        try:
            held.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            command = [sys.executable, str(MANAGE), "runs", "purge"]
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # our own
            _until_it_waits(held, process)
            os.kill(process.pid, signal.SIGKILL)
            process.wait(30)
            held.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
            _until_nobody_deletes(held)
        finally:
            held.execute(UNSTUCK.encode())
    left = list(Payload.objects.order_by("hash").values_list("hash", flat=True))
    assert left == names[BATCH:], "the batch it was in is whole, and the one before is gone"
    assert check().faults == []
    assert sweep(timezone.now()) == len(left)
    assert not Payload.objects.exists()


def _until_it_waits(held: psycopg.Connection[tuple[object, ...]], process: subprocess.Popen[bytes]) -> None:
    for _ in range(6_000):
        if held.execute(WAITS, [LOCK]).fetchone() == (1,):
            return
        assert process.poll() is None, "the purge ended"
        held.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the purge never came to the value in the middle")


def _until_nobody_deletes(held: psycopg.Connection[tuple[object, ...]]) -> None:
    """What the server still does for the one that was killed is over."""
    for _ in range(6_000):
        if held.execute(DELETES.encode()).fetchone() == (0,):
            return
        held.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the transaction of the one that was killed stands for ever")
