"""A worker host that is killed while its guard takes a canary back has done nothing, and the next host does it once."""

import os
import secrets
import signal
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from flows.journal.connection import connect_sync
from flows.models import Alert, AuditEntry, Live
from flows.operations.canary import check_canaries
from flows.operations.releases import start_canary
from flows.operations.starting import start
from tests.cast import person
from tests.crash.hatching import wait_until
from tests.crash.hosts import Host, address_of_test_database, children_of, is_alive
from tests.operations.test_canary import WATCHED, ended, two_versions

pytestmark = pytest.mark.django_db(transaction=True)

LOCK = 7_402
# Whoever alerts of a guard has written the release and its audit row in the same transaction, and waits before its end.
STUCK = f"""
CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN NEW; END $$;
CREATE TRIGGER stuck AFTER INSERT ON flows_alert FOR EACH ROW WHEN (NEW.code = 'canary_guard') EXECUTE FUNCTION wait_here()
"""
UNSTUCK = "DROP TRIGGER stuck ON flows_alert; DROP FUNCTION wait_here()"
WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def held() -> Iterator[Connection]:
    """Holds up whoever acts as a guard, as long as it has the lock."""
    with connect_sync("test guards") as connection:
        connection.execute(STUCK.encode())
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield connection
        finally:
            connection.execute("SELECT pg_advisory_unlock_all()")
            connection.execute(UNSTUCK.encode())


def waiting(held: Connection) -> int:
    """How many stand in the middle of acting."""
    (count,) = held.execute(WAITS, [LOCK]).fetchone() or (0,)
    return int(count)


def family(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(one for child in children_of(pid) for one in family(child))]


def test_the_next_host_acts_once_for_one_that_was_killed_while_its_guard_acted(
    held: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", address_of_test_database())
    monkeypatch.setenv("MULGIL_SECRET_KEY", secrets.token_urlsafe(48))
    monkeypatch.setenv("MULGIL_WORKERS", "1")
    editor = person("editor", "editor")
    made = two_versions(editor)
    began = start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0.1})
    runs = ended(editor, made, failed=4, of=10)
    host = Host()
    try:
        wait_until(lambda: waiting(held) == 1, "no guard came to act")
        killed = family(host.pid)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_alive, killed)), "the host lives on")
        host.look()  # the next one begins, and finds the flow held by what the dead one left
        assert (Live.objects.get().release, made.releases.filter(kind="guard").count()) == (began, 0)
        assert not AuditEntry.objects.filter(actor="canary guard").exists()
        assert not Alert.objects.exists()
        held.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        wait_until(lambda: made.releases.filter(kind="guard").exists(), "nobody acted for it")
        assert check_canaries().standing == 0, "nothing is left to be done"
    finally:
        host.stop()
    (release,) = made.releases.filter(kind="guard")
    assert Live.objects.get().release == release
    assert (release.version.number, release.canary) == (1, None)
    assert release.reason == "errors 40 % are over 10 % after 10 runs"
    assert Alert.objects.get().run_id in runs[:4]
    assert AuditEntry.objects.filter(actor="canary guard").count() == 1
    assert start(editor.actor, made.pk).run.version == 1
