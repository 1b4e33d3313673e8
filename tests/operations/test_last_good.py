"""Going back to the version that worked."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from flows.errors import Forbidden
from flows.models import Flow, Run, Version, WentBy
from flows.operations.actor import Actor
from flows.operations.drafts import save_draft
from flows.operations.fitting import NodeTypesGone, NoLongerFits
from flows.operations.flows import find_flow
from flows.operations.good import NoGoodVersion, last_good, roll_back_to_last_good
from flows.operations.publishing import publish
from flows.operations.releases import release, roll_back, start_canary
from flows.operations.starting import start
from tests.cast import CHAIN, Person, flow, tampering


def versions(editor: Person, count: int) -> Flow:
    """A flow whose versions were live one after the other."""
    made = flow(editor.actor)
    for number in range(2, count + 1):
        save_draft(editor.actor, made.pk, document=CHAIN | {"description": f"{number}"}, revision=number - 1)
        publish(editor.actor, made.pk)
    return made


def ran(editor: Person, made: Flow, version: int, *, of: int, failed: int = 0, **fields: Any) -> None:
    for number in range(of):
        run = start(editor.actor, made.pk, version=version).run.id
        status = "failed" if number < failed else "succeeded"
        Run.objects.filter(pk=run).update(**({"status": status, "finished_at": timezone.now()} | fields))


def live_number(editor: Person, made: Flow) -> int:
    found = find_flow(editor.actor, made.pk).live
    assert found is not None
    return found.version.number


def test_the_version_live_before_whose_runs_succeeded_is_the_last_good_one(editor: Person) -> None:
    made = versions(editor, 4)
    ran(editor, made, 1, of=3)
    ran(editor, made, 2, of=20, failed=1)
    ran(editor, made, 3, of=10, failed=1)
    found = last_good(editor.actor, made.pk)
    assert (found.version.number, found.runs, found.failed) == (2, 20, 1)
    back = roll_back_to_last_good(editor.actor, made.pk)
    assert (back.kind, back.version.number) == ("rollback", 2)
    assert back.reason == "the last good one: 19 of its last 20 runs succeeded"


def test_only_the_newest_runs_speak(editor: Person) -> None:
    made = versions(editor, 2)
    ran(editor, made, 1, of=5, failed=5)
    ran(editor, made, 1, of=20)
    assert last_good(editor.actor, made.pk).version.number == 1


@pytest.mark.parametrize("fields", [{"is_test": True}, {"status": "cancelled"}])
def test_tests_and_cancelled_runs_prove_nothing(editor: Person, fields: dict[str, Any]) -> None:
    made = versions(editor, 2)
    ran(editor, made, 1, of=5, **fields)
    with pytest.raises(NoGoodVersion):
        last_good(editor.actor, made.pk)


def test_what_was_never_live_is_not_known_to_be_good(editor: Person) -> None:
    made = versions(editor, 1)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "beside"}, revision=1)
    publish(editor.actor, made.pk, release=False)
    ran(editor, made, 2, of=5)
    with pytest.raises(NoGoodVersion):
        last_good(editor.actor, made.pk)


def test_a_version_whose_node_types_are_gone_is_refused_by_name_and_never_the_good_one(editor: Person) -> None:
    made = versions(editor, 3)
    ran(editor, made, 1, of=3)
    ran(editor, made, 2, of=3)
    row = Version.objects.get(flow=made, number=2)
    with tampering():
        Version.objects.filter(pk=row.pk).update(document=row.document.replace('"data.set"', '"acme.gone"'))
    assert last_good(editor.actor, made.pk).version.number == 1
    for go in (roll_back, canary_of):
        with pytest.raises(NodeTypesGone, match=r"Version 2 can't be released: no node type acme\.gone"):
            go(editor.actor, made.pk, version=2)
    assert live_number(editor, made) == 3


def canary_of(actor: Actor, flow: UUID, *, version: int) -> None:
    start_canary(actor, flow, version=version, weight=10, guards={})


def test_a_version_whose_config_its_node_type_no_longer_takes_is_refused_and_says_which(
    client: Client, editor: Person
) -> None:
    made = versions(editor, 3)
    ran(editor, made, 1, of=3)
    ran(editor, made, 2, of=3)
    row = Version.objects.get(flow=made, number=2)
    with tampering():
        Version.objects.filter(pk=row.pk).update(document=row.document.replace('"value":', '"formula":'))
    assert last_good(editor.actor, made.pk).version.number == 1
    said = "Version 2 can't be released: node two no longer fits its node type data.transform"
    for go in (roll_back, release, canary_of):
        with pytest.raises(NoLongerFits, match=said):
            go(editor.actor, made.pk, version=2)
    with pytest.raises(CommandError, match=said):
        call_command("flow", "rollback", str(made.pk), "--to", "2", "--workspace", "home")
    body = {"version": 2}
    at = f"/api/flows/{made.pk}/rollback/"
    answer = client.post(at, body, content_type="application/json", headers=editor.headers | {"Accept-Language": "ko"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_longer_fits")
    assert "노드 two" in answer.json()["title"]
    assert {one["node"] for one in answer.json()["problems"]} == {"two"}
    assert live_number(editor, made) == 3


def test_the_undo_of_a_rollback_is_another_release(editor: Person) -> None:
    made = versions(editor, 2)
    ran(editor, made, 1, of=3)
    roll_back_to_last_good(editor.actor, made.pk)
    release(editor.actor, made.pk, version=2, reason="it was not the version")
    assert [row.version.number for row in made.releases.order_by("pk")] == [1, 2, 1, 2]


def test_a_viewer_sees_the_last_good_one_and_may_not_go_back(editor: Person, viewer: Person) -> None:
    made = versions(editor, 2)
    ran(editor, made, 1, of=3)
    assert last_good(viewer.actor, made.pk).version.number == 1
    with pytest.raises(Forbidden):
        roll_back_to_last_good(viewer.actor, made.pk)


def test_over_http_a_rollback_without_a_version_goes_to_the_last_good_one(client: Client, editor: Person) -> None:
    made = versions(editor, 2)
    address = f"/api/flows/{made.pk}"
    assert client.get(f"{address}/last-good/", headers=editor.headers).json()["version"] is None
    ran(editor, made, 1, of=3)
    told = client.get(f"{address}/last-good/", headers=editor.headers).json()
    assert told == {"version": 1, "runs": 3, "failed": 0}
    body = {"reason": "too many complaints"}
    answer = client.post(f"{address}/rollback/", body, content_type="application/json", headers=editor.headers)
    assert (answer.status_code, answer.json()["live_version"], answer.json()["previous_version"]) == (201, 1, 2)


def test_the_command_line_goes_back_too(editor: Person, capsys: pytest.CaptureFixture[str]) -> None:
    made = versions(editor, 3)
    ran(editor, made, 2, of=1)
    call_command("flow", "rollback", str(made.pk), "--workspace", "home")
    assert "use version 2 instead of version 3" in capsys.readouterr().out
    call_command("flow", "rollback", str(made.pk), "--to", "1", "--workspace", "home")
    assert live_number(editor, made) == 1
    with pytest.raises(CommandError, match="version"):
        call_command("flow", "rollback", str(made.pk), "--to", "9", "--workspace", "home")


def test_the_admin_offers_the_last_good_one(admin_client: Client, editor: Person) -> None:
    made = versions(editor, 2)
    page = f"/admin/flows/flow/{made.pk}/change/"
    assert "last good version" not in admin_client.get(page).content.decode()
    ran(editor, made, 1, of=3)
    shown = admin_client.get(page).content.decode()
    assert "Roll back to the last good version, v1: 3 of its last 3 runs succeeded" in shown


@dataclass(frozen=True)
class Span:
    """Something that happened at one moment between these two."""

    version: int
    begun: float
    ended: float


@pytest.mark.django_db(transaction=True)
def test_starts_while_releases_change_carry_the_version_released_at_their_moment(editor: Person) -> None:
    made = versions(editor, 5)
    halt = Event()

    def keep_starting(_: int) -> list[Span]:
        spans = []
        try:
            while not halt.is_set():
                begun = time.monotonic()
                version = start(editor.actor, made.pk).run.version
                assert version is not None
                spans.append(Span(version, begun, time.monotonic()))
        finally:
            connection.close()
        return spans

    released = [Span(5, time.monotonic(), time.monotonic())]
    with ThreadPoolExecutor(3) as pool:
        starters = [pool.submit(keep_starting, number) for number in range(3)]
        for number in range(50):
            begun = time.monotonic()
            roll_back(editor.actor, made.pk, version=number % 5 + 1)
            released.append(Span(number % 5 + 1, begun, time.monotonic()))
            assert start(editor.actor, made.pk).run.version == number % 5 + 1, "a start after a rollback uses it"
        halt.set()
        spans = [span for starter in starters for span in starter.result()]
    # A version was live from somewhere within its release to somewhere within the next one.
    live = [Span(one.version, one.begun, after.ended) for one, after in pairwise(released)]
    live.append(Span(released[-1].version, released[-1].begun, time.monotonic()))
    assert len({span.version for span in spans}) == 5
    for span in spans:
        assert any(
            span.version == one.version and span.begun <= one.ended and one.begun <= span.ended for one in live
        ), f"a start carried version {span.version}, which was not live then"


def test_runs_that_were_moved_to_a_version_do_not_speak_for_it(editor: Person) -> None:
    made = versions(editor, 3)
    ran(editor, made, 1, of=2)
    ran(editor, made, 2, of=5)
    first = Version.objects.get(flow=made, number=1)
    WentBy.objects.bulk_create(WentBy(run=run, version=first) for run in Run.objects.filter(version__number=2))
    found = last_good(editor.actor, made.pk)
    assert (found.version.number, found.runs) == (1, 2), "of 2 nothing is known"
