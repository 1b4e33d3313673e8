"""The flow's page tells of a canary what its guards see; a version's page holds it against any other."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from flows.models import Flow, Run, Version
from flows.operations.canary import check_canaries
from flows.operations.drafts import save_draft
from flows.operations.publishing import publish
from flows.operations.releases import start_canary
from flows.operations.starting import start
from tests.cast import CHAIN, Person, flow

GUARDS: dict[str, Any] = {"error_rate": 0.05, "p99_ms": 2_000, "min_runs": 5, "minutes": 10}
pytestmark = pytest.mark.django_db


def tried(editor: Person, **guards: Any) -> Flow:
    """A flow whose second version is tried, and one of whose two runs failed."""
    made = flow(editor.actor)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "<second>"}, revision=1)
    publish(editor.actor, made.pk, name="Before <the sale>", release=False)
    start_canary(editor.actor, made.pk, version=2, steps=[5, 100], guards=GUARDS | guards)
    for status in ("failed", "succeeded"):
        run = start(editor.actor, made.pk, version=2).run.id
        Run.objects.filter(pk=run).update(status=status, finished_at=timezone.now(), output="5")
    return made


def page_of(client: Client, made: Flow) -> str:
    return client.get(f"/admin/flows/flow/{made.pk}/change/").content.decode()


def test_shares_are_shown_as_such_beside_their_limits_and_what_is_over_one_is_marked(
    admin_client: Client, editor: Person
) -> None:
    made = tried(editor, expression="{{ run.output > 9 }}")
    page = page_of(admin_client, made)
    assert "Canary v2 with 5 % of new runs" in page
    assert 'dark:text-red-500">50 %</span>' in page
    assert 'dark:text-red-500">100 %</span>' in page
    for shown in ("Canary v2", "Live v1", "5 %", "2,000 ms", "{{ run.output &gt; 9 }}"):
        assert shown in page
    assert "Then 100 %, after 5 runs and 10 minutes without a guard tripping." in page
    assert "v2 with 5 % of new runs" in page
    assert "<b>Before &lt;the sale&gt;</b>" in page


def test_what_a_guard_took_back_is_named_in_the_history(admin_client: Client, editor: Person) -> None:
    made = tried(editor)
    for _ in range(3):
        run = start(editor.actor, made.pk, version=2).run.id
        Run.objects.filter(pk=run).update(status="failed", finished_at=timezone.now())
    check_canaries()
    page = page_of(admin_client, made)
    assert "v2 · errors 80 % are over 5 % after 5 runs" in page
    assert "without a guard tripping" not in page


def test_a_version_is_held_against_whichever_other_one_is_asked_for(admin_client: Client, editor: Person) -> None:
    made = tried(editor)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "third"}, revision=2)
    publish(editor.actor, made.pk)
    where = f"/admin/flows/version/{Version.objects.get(flow=made, number=3).pk}/change/"
    assert "What changed since v2" in admin_client.get(where).content.decode()
    page = admin_client.get(f"{where}?from=1").content.decode()
    assert "What changed since v1" in page
    assert 'aria-current="true" href="?from=1"' in page
    for nonsense in ("9", "x", "-1", "99999999999999999999", "3"):
        assert "What changed since v2" in admin_client.get(f"{where}?from={nonsense}").content.decode()
