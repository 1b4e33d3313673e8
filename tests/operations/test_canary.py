"""Guards that act, and shares that rise by themselves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from flows.errors import BadInput, Phrase
from flows.models import Alert, AuditEntry, Flow, Release, Run, Version, WentBy
from flows.operations.canary import check_canaries, figures_of
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.drafts import save_draft
from flows.operations.flows import find_flow
from flows.operations.guards import tripped
from flows.operations.publishing import publish
from flows.operations.reasons import TEMPLATES, reason, recognised
from flows.operations.releases import roll_back, start_canary
from flows.operations.starting import start
from tests.cast import CHAIN, Person, flow, with_nodes

WATCHED = {"min_runs": 5, "minutes": 10}
AT_ONCE = {"min_runs": 5, "minutes": 0}


def two_versions(editor: Person) -> Flow:
    """A flow whose first version is live and whose second waits to be tried."""
    made = flow(editor.actor)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk, release=False)
    return made


def ended(editor: Person, made: Flow, *, failed: int, of: int, output: Any = None, ms: int = 5) -> list[UUID]:
    """Runs of the canary's version that have ended, the first so many of them failed."""
    ids = []
    for number in range(of):
        run = start(editor.actor, made.pk, version=2).run.id
        row = Run.objects.get(pk=run)
        row.status = "failed" if number < failed else "succeeded"
        row.finished_at = row.created_at + timedelta(milliseconds=ms)
        row.output = orjson.dumps(output).decode()
        row.save()
        ids.append(run)
    return ids


def live(editor: Person, made: Flow) -> Release:
    found = find_flow(editor.actor, made.pk).live
    assert found is not None
    return found


def test_a_guard_that_trips_rolls_back_and_says_by_which_figure_and_which_runs(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0.1})
    runs = ended(editor, made, failed=4, of=10)
    assert check_canaries().ended == [made.pk]
    release = live(editor, made)
    assert (release.kind, release.canary, release.version.number) == ("guard", None, 1)
    assert release.reason == "errors 40 % are over 10 % after 10 runs"
    assert (release.evidence["guard"], release.evidence["version"]) == ("error_rate", 2)
    assert release.evidence["figures"]["failed"] == 4
    assert set(release.evidence["runs"]) == {str(run) for run in runs[:4]}
    alert = Alert.objects.get(code="canary_guard")
    assert (alert.message, alert.run_id in runs[:4]) == (release.reason, True)
    entry = AuditEntry.objects.get(actor="canary guard")
    assert entry.details["evidence"]["guard"] == "error_rate"
    assert start(editor.actor, made.pk).run.version == 1


def test_too_few_runs_trip_nothing(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0.1})
    ended(editor, made, failed=4, of=4)
    assert check_canaries().ended == []
    ended(editor, made, failed=1, of=1)
    assert check_canaries().ended == [made.pk]


def test_a_slow_canary_trips_the_latency_guard(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"p99_ms": 100})
    ended(editor, made, failed=0, of=9)
    assert check_canaries().ended == []
    (slow,) = ended(editor, made, failed=0, of=1, ms=5_000)
    assert check_canaries().ended == [made.pk]
    release = live(editor, made)
    assert (release.evidence["guard"], release.evidence["runs"][0]) == ("p99_ms", str(slow))


def test_an_expression_over_outputs_trips_where_it_is_not_true_or_can_not_be_worked_out(editor: Person) -> None:
    made = two_versions(editor)
    guards = WATCHED | {"expression": "{{ run.output.total > 0 }}", "expression_rate": 0.2}
    release = start_canary(editor.actor, made.pk, version=2, weight=50, guards=guards)
    ended(editor, made, failed=0, of=8, output={"total": 3})
    wrong = ended(editor, made, failed=0, of=1, output={"total": 0}) + ended(editor, made, failed=0, of=1, output=[])
    assert figures_of(release)["expression_rate"] == 0.2
    assert check_canaries().ended == []
    wrong += ended(editor, made, failed=0, of=1, output={"sum": 3})
    assert check_canaries().ended == [made.pk]
    evidence = live(editor, made).evidence
    assert (evidence["guard"], set(evidence["runs"])) == ("expression_rate", {str(run) for run in wrong})


def test_a_blank_beside_the_expression_of_a_guard_does_not_make_it_blind(editor: Person) -> None:
    made = two_versions(editor)
    guards = WATCHED | {"expression": " {{ run.output.total > 0 }}\n"}
    start_canary(editor.actor, made.pk, version=2, weight=50, guards=guards)
    ended(editor, made, failed=0, of=10, output={"total": 0})
    assert check_canaries().ended == [made.pk]


def test_tests_drafts_and_cancelled_runs_feed_no_guard(editor: Person) -> None:
    made = two_versions(editor)
    release = start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0})
    Run.objects.filter(pk__in=ended(editor, made, failed=5, of=5)).update(is_test=True)
    Run.objects.filter(pk__in=ended(editor, made, failed=5, of=5)).update(status="cancelled")
    draft = start_draft(editor.actor, made.pk, DraftOrder(input={})).run.id
    Run.objects.filter(pk=draft).update(status="failed", finished_at=timezone.now())
    assert figures_of(release)["runs"] == 0
    assert check_canaries().ended == []


def test_the_figures_of_both_versions_stand_side_by_side(editor: Person) -> None:
    made = two_versions(editor)
    release = start_canary(editor.actor, made.pk, version=2, weight=0, guards=WATCHED)
    ended(editor, made, failed=1, of=2)
    other = start(editor.actor, made.pk).run.id
    Run.objects.filter(pk=other).update(status="succeeded", finished_at=timezone.now())
    figures = figures_of(release)
    assert (figures["runs"], figures["error_rate"]) == (2, 0.5)
    assert (figures["live"]["runs"], figures["live"]["error_rate"]) == (1, 0.0)


def test_the_share_rises_step_by_step_and_what_held_to_the_end_is_released(editor: Person) -> None:
    made = two_versions(editor)
    begun = start_canary(editor.actor, made.pk, version=2, steps=[5, 25, 100], guards=AT_ONCE | {"error_rate": 0.5})
    assert (begun.canary_weight, check_canaries().stepped) == (5, [])
    for weight in (25, 100):
        ended(editor, made, failed=1, of=5)
        assert check_canaries().stepped == [made.pk]
        release = live(editor, made)
        assert (release.kind, release.canary_weight, release.steps) == ("canary", weight, [5, 25, 100])
        assert figures_of(release)["runs"] == 0, "a step begins with figures of its own"
        assert check_canaries().stepped == []
    ended(editor, made, failed=0, of=5)
    assert check_canaries().stepped == [made.pk]
    release = live(editor, made)
    assert (release.kind, release.version.number, release.canary) == ("publish", 2, None)
    assert check_canaries().standing == 0


def test_a_step_is_held_for_its_minutes(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, steps=[5, 25], guards={"min_runs": 5, "minutes": 10})
    ended(editor, made, failed=0, of=5)
    assert check_canaries().stepped == []
    past = timezone.now() - timedelta(minutes=11)
    Release.objects.filter(pk=live(editor, made).pk).update(created_at=past)
    assert check_canaries().stepped == [made.pk]


def test_a_schedule_that_ends_before_all_stays_at_its_last_share(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, steps=[5, 25], weight=25, guards=AT_ONCE)
    ended(editor, made, failed=0, of=5)
    assert check_canaries().stepped == []
    assert live(editor, made).canary_weight == 25


def test_a_canary_that_held_but_can_not_be_released_is_taken_back_and_says_why(editor: Person) -> None:
    made = two_versions(editor)
    hook = {"id": "hook", "type": "trigger.webhook", "config": {"path": "orders", "auth": "none"}}
    flow(editor.actor, with_nodes(hook, {"id": "say", "type": "log"}), name="The holder")
    save_draft(editor.actor, made.pk, document=with_nodes(hook, {"id": "say", "type": "log"}), revision=2)
    publish(editor.actor, made.pk, release=False)
    start_canary(editor.actor, made.pk, version=3, steps=[100], guards=AT_ONCE)
    for _ in range(5):
        run = start(editor.actor, made.pk, version=3).run.id
        Run.objects.filter(pk=run).update(status="succeeded", finished_at=timezone.now())
    assert check_canaries().stepped == [made.pk]
    release = live(editor, made)
    assert (release.kind, release.version.number) == ("guard", 1)
    assert "The holder" in release.reason


@pytest.mark.parametrize(("failed", "becomes"), [(0, ("publish", 2)), (5, ("guard", 1))])
def test_all_new_starts_go_over_at_once_while_the_version_before_stands_by(
    editor: Person, failed: int, becomes: tuple[str, int]
) -> None:
    made = two_versions(editor)
    begun = start_canary(editor.actor, made.pk, version=2, steps=[100], guards=AT_ONCE | {"error_rate": 0.2})
    assert (begun.version.number, begun.canary_weight) == (1, 100)
    assert {start(editor.actor, made.pk).run.version for _ in range(20)} == {2}
    ended(editor, made, failed=failed, of=5)
    check_canaries()
    release = live(editor, made)
    assert (release.kind, release.version.number, release.canary) == (*becomes, None)
    assert start(editor.actor, made.pk).run.version == becomes[1]


def test_a_guard_trips_in_the_middle_of_the_steps(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, steps=[5, 100], guards=AT_ONCE | {"error_rate": 0.2})
    ended(editor, made, failed=0, of=5)
    check_canaries()
    ended(editor, made, failed=5, of=5)
    looked = check_canaries()
    assert (looked.ended, looked.stepped) == ([made.pk], [])
    assert live(editor, made).kind == "guard"


def test_quiet_flows_are_judged_by_their_newest_runs_however_old(editor: Person) -> None:
    made = two_versions(editor)
    release = start_canary(editor.actor, made.pk, version=2, weight=5, guards={"min_runs": 3, "minutes": 1})
    Release.objects.filter(pk=release.pk).update(created_at=timezone.now() - timedelta(days=1))
    runs = ended(editor, made, failed=0, of=4)
    old = timezone.now() - timedelta(hours=2)
    Run.objects.filter(pk__in=runs).update(created_at=old, finished_at=old)
    assert figures_of(live(editor, made))["runs"] == 3


@pytest.mark.django_db(transaction=True)
def test_many_hosts_look_and_one_acts(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0.1})
    ended(editor, made, failed=5, of=5)

    def look(_: int) -> list[UUID]:
        try:
            return check_canaries().ended
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as hosts:
        acted = [flow for found in hosts.map(look, range(8)) for flow in found]
    assert acted == [made.pk]
    assert made.releases.filter(kind="guard").count() == 1
    assert Alert.objects.filter(code="canary_guard").count() == 1


def test_a_guard_that_can_not_be_judged_is_taken_back_and_keeps_no_other_from_being_watched(editor: Person) -> None:
    odd, broken = two_versions(editor), two_versions(editor)
    for made in (odd, broken):
        start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0.1})
        ended(editor, made, failed=4, of=10)
    Release.objects.filter(pk=live(editor, odd).pk).update(guards=WATCHED | {"expression": "{{ len(run.output) }}"})
    assert set(check_canaries().ended) == {odd.pk, broken.pk}
    taken = live(editor, odd)
    assert (taken.kind, taken.version.number, taken.evidence["guard"]) == ("guard", 1, "unjudged")
    assert "call nothing" in taken.reason
    assert "errors 40 %" in live(editor, broken).reason


@pytest.mark.django_db(transaction=True)
def test_a_guard_that_dies_in_the_middle_has_done_nothing_and_the_next_look_does_it_once(
    editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0.1})
    ended(editor, made, failed=4, of=10)
    audited = AuditEntry.objects.count()

    def dies(**_: Any) -> None:
        assert made.releases.filter(kind="guard").exists(), "it dies with the release written and not committed"
        connection.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(Alert.objects, "create", dies)
    with pytest.raises(KeyboardInterrupt):
        check_canaries()
    monkeypatch.undo()
    assert (live(editor, made).kind, made.releases.filter(kind="guard").count()) == ("canary", 0)
    assert AuditEntry.objects.count() == audited
    assert check_canaries().ended == [made.pk]
    assert check_canaries().ended == []
    assert (made.releases.filter(kind="guard").count(), Alert.objects.count()) == (1, 1)


def test_a_rollback_during_a_canary_ends_it(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0})
    ended(editor, made, failed=5, of=5)
    roll_back(editor.actor, made.pk, version=1)
    assert check_canaries().ended == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"weight": 10, "guards": {"minutes": 1e12}}, "minutes"),
        ({"weight": 10, "guards": {"error_rate": 2}}, "share from 0 to 1"),
        ({"weight": 10, "guards": {"colour": 2}}, "'colour' is not a guard"),
        ({"weight": 10, "guards": {"expression": "{{ run.output. }}"}}, "expression"),
        ({"weight": 10, "guards": {"expression": "{{ len(run.output) > 0 }}"}}, "call nothing"),
        ({"weight": 10, "guards": {"expression": "{{ nodes.one.x }}"}}, "reads nodes"),
        ({"weight": 10, "guards": {"expression": "true"}}, "is an expression such as"),
        ({"weight": 10, "guards": {"expression": "ok: {{ run.output.total > 0 }}"}}, "stands alone"),
        ({"weight": 10, "guards": {"expression_rate": 0.1}}, "needs an expression"),
        ({"guards": {}}, "say the weight"),
        ({"weight": 10, "steps": [5, 25], "guards": {}}, "one of the steps"),
        ({"steps": [25, 5], "guards": {}}, "larger than the one before"),
        ({"steps": [50, 101], "guards": {}}, "from 1 to 100"),
    ],
)
def test_bad_guards_and_steps_get_one_clear_answer(editor: Person, asked: dict[str, Any], said: str) -> None:
    made = two_versions(editor)
    with pytest.raises(BadInput, match=said):
        start_canary(editor.actor, made.pk, version=2, **asked)
    assert live(editor, made).kind == "publish"


def test_a_badly_written_guard_is_told_in_the_readers_language(client: Client, editor: Person) -> None:
    made = two_versions(editor)
    body = {"version": 2, "weight": 5, "guards": {"expression": "{{ run.output. }}"}}
    korean = editor.headers | {"Accept-Language": "ko"}
    at = f"/api/flows/{made.pk}/canary/"
    answer = client.post(at, body, content_type="application/json", headers=korean)
    assert answer.status_code == 422
    assert answer.json()["title"] == "입력이 올바르지 않습니다: 기준 표현식: 표현식이 아닙니다: 문법에 맞지 않습니다"


def test_why_a_canary_begins_and_ends_stands_in_the_history(client: Client, editor: Person) -> None:
    made = two_versions(editor)
    at = f"/api/flows/{made.pk}/canary/"
    begun = client.post(
        at, {"version": 2, "weight": 5, "reason": "a try"}, content_type="application/json", headers=editor.headers
    )
    assert (begun.status_code, begun.json()["reason"]) == (201, "a try")
    assert client.delete(f"{at}?reason=seen+enough", headers=editor.headers).status_code == 200
    assert [one.reason for one in made.releases.order_by("-pk")[:2]] == ["seen enough", "a try"]
    assert AuditEntry.objects.filter(details__reason="seen enough").exists()


def test_a_guards_window_may_be_a_year(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, weight=10, guards={"minutes": 60 * 24 * 366})
    assert check_canaries().ended == []


def test_guards_wait_for_enough_runs() -> None:
    guards = {"error_rate": 0.1, "min_runs": 20}
    assert tripped(guards, {"runs": 19, "failed": 19, "error_rate": 1.0, "p99_ms": 1}) is None
    found = tripped({"p99_ms": 10, "min_runs": 1}, {"runs": 1, "failed": 0, "error_rate": 0, "p99_ms": 11})
    assert found is not None
    assert found.guard == "p99_ms"


def test_why_the_product_released_is_said_in_the_readers_language_and_what_people_wrote_is_not(
    client: Client, editor: Person
) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0.1, "p99_ms": 50})
    ended(editor, made, failed=4, of=10)
    check_canaries()
    roll_back(editor.actor, made.pk, version=2, reason="errors were few")
    at = f"/api/flows/{made.pk}/releases/"
    told = client.get(at, headers=editor.headers | {"Accept-Language": "ko"}).json()["results"]
    assert [one["reason"] for one in told[:2]] == [
        "errors were few",
        "실행 10개에서 오류율 40%가 기준 10%를 넘었습니다",
    ]
    assert client.get(at, headers=editor.headers).json()["results"][1]["reason"] == live_before(made).reason
    alerts = client.get("/api/alerts/", headers=editor.headers | {"Accept-Language": "ko"}).json()["results"]
    assert alerts[0]["message"] == told[1]["reason"]


def live_before(made: Flow) -> Release:
    return made.releases.order_by("-pk")[1]


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_reason_of_the_product_is_known_again(template: str) -> None:
    fields = dict.fromkeys(("figure", "bound", "runs", "before", "weight", "good", "number"), "1.5")
    found = recognised(reason(template, reason="{so} (it) is\nso", environment="staging-2", **fields))
    assert isinstance(found, Phrase)
    assert found.template == template
    assert recognised("errors are over it") == "errors are over it"
    assert recognised("promoted from a high tower") == "promoted from a high tower"


def test_a_run_that_was_moved_to_the_canary_feeds_no_guard_of_it(editor: Person) -> None:
    made = two_versions(editor)
    release = start_canary(editor.actor, made.pk, version=2, weight=50, guards=WATCHED | {"error_rate": 0.1})
    first = Version.objects.get(flow=made, number=1)
    WentBy.objects.bulk_create(
        WentBy(run_id=run, version=first) for run in ended(editor, made, failed=10, of=10, ms=90_000)
    )
    assert (figures_of(release)["runs"], figures_of(release)["p99_ms"]) == (0, 0.0)
    assert check_canaries().ended == [], "they began by another version, and nobody drew them"
    ended(editor, made, failed=5, of=5)
    assert check_canaries().ended == [made.pk]
    assert live(editor, made).evidence["figures"]["runs"] == 5
