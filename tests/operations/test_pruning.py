"""Versions go by a policy that somebody set, and never what anything still needs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from flows.errors import BadInput, Forbidden, NotFound
from flows.models import AuditEntry, Flow, Release, Run, Version
from flows.operations import drafts, fsck
from flows.operations.documents import VersionPruned
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.environments import change_environment
from flows.operations.exchange import export_flows
from flows.operations.flows import archive_flow, create_flow
from flows.operations.good import last_good
from flows.operations.proposals import propose, reject
from flows.operations.pruning import SETTLES, keep_versions, prune, version_keeping, would_be_pruned
from flows.operations.publishing import publish
from flows.operations.releases import release, roll_back, start_canary, take_out
from flows.operations.rerunning import Again, rerun
from flows.operations.starting import start
from flows.operations.versions import annotate, compare
from flows.operations.workspaces import change_workspace
from tests.cast import CHAIN, Person, tampering, with_nodes

pytestmark = pytest.mark.django_db

OLD = timedelta(days=100)


def versions(editor: Person, count: int, name: str = "Chain") -> Flow:
    """A flow with so many versions, each published and released a hundred days ago, without a word about any."""
    made = create_flow(editor.actor, name=name, document=CHAIN)
    for _ in range(count):
        publish(editor.actor, made.pk)
    Version.objects.filter(flow=made).update(published_at=F("published_at") - OLD)
    Release.objects.filter(flow=made).update(created_at=F("created_at") - OLD)
    return made


def keeping(admin: Person, made: Flow, last: int | None = 1, days: int | None = None) -> None:
    keep_versions(admin.actor, made.pk, by="own", last=last, days=days)


def would(made: Flow) -> Sequence[int]:
    return [number for goes in would_be_pruned(made.pk) for number in goes.numbers]


def pruned() -> list[int]:
    """Both rounds, the second when the first has settled; which versions have no text any more."""
    now = timezone.now()
    prune(now)
    prune(now + SETTLES + timedelta(minutes=1))
    return sorted(Version.objects.filter(document="").values_list("number", flat=True))


def save(editor: Person, made: Flow, *nodes: dict[str, Any]) -> None:
    document = with_nodes({"id": "start", "type": "trigger.manual"}, *nodes)
    drafts.save_draft(
        editor.actor, made.pk, document=document, revision=drafts.read_draft(editor.actor, made.pk).revision
    )


def test_nothing_goes_that_nobody_asked_for(editor: Person) -> None:
    versions(editor, 5)
    assert would_be_pruned() == []
    assert pruned() == []


def test_of_old_versions_the_last_few_stay_and_of_the_others_the_text_alone_goes(editor: Person, admin: Person) -> None:
    made = versions(editor, 6)
    before = list(Version.objects.order_by("number").values("number", "hash", "name", "note", "author", "published_at"))
    keeping(admin, made, last=3)
    assert would(made) == [1, 2, 3]
    assert Version.objects.filter(pruned_at=None).count() == 6, "nothing was touched"
    assert pruned() == [1, 2, 3]
    assert list(Version.objects.order_by("number").values(*before[0])) == before
    assert Version.objects.exclude(document="").filter(pruned_at__isnull=False).count() == 0
    entry = AuditEntry.objects.get(verb="pruned")
    assert (entry.actor, entry.details["versions"]) == ("retention", [1, 2, 3])
    assert (would(made), prune()) == ([], []), "what went is not told again"
    assert fsck.check().faults == []


def test_either_rule_keeps_a_version(editor: Person, admin: Person) -> None:
    made = versions(editor, 6)
    Version.objects.filter(number__gte=3).update(published_at=timezone.now() - timedelta(days=5))
    keeping(admin, made, last=None, days=10)
    assert would(made) == [1, 2]
    keeping(admin, made, last=5, days=10)
    assert would(made) == [1]
    keeping(admin, made, last=5, days=3)
    assert would(made) == [1], "too old for the one rule, among the last by the other"


def test_a_flow_goes_by_the_workspace_or_by_its_own_words_or_keeps_all(
    editor: Person, admin: Person, stranger: Person
) -> None:
    made, other, foreign = versions(editor, 4), versions(editor, 4, "Other"), versions(stranger, 4, "Foreign")
    change_workspace(admin.actor, admin.actor.workspace, keep_versions=2)
    assert (would(made), would(other), would(foreign)) == ([1, 2], [1, 2], [])
    keep_versions(admin.actor, other.pk, by="all")
    keeping(admin, made, last=3)
    assert (would(made), would(other)) == ([1], [])
    assert version_keeping(editor.actor, other.pk).holds.last is None
    keep_versions(admin.actor, other.pk, by="workspace")
    change_workspace(admin.actor, admin.actor.workspace, name="Home")
    assert would(other) == [1, 2], "what wasn't said stays"
    change_workspace(admin.actor, admin.actor.workspace, keep_versions=None)
    assert would(other) == []


@pytest.mark.parametrize(
    "said", [{"by": "own"}, {"by": "all", "last": 1}, {"by": "own", "last": 0}, {"by": "own", "days": 40_000}], ids=str
)
def test_a_policy_that_can_not_be_is_refused(editor: Person, admin: Person, said: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        keep_versions(admin.actor, versions(editor, 1).pk, **said)


def test_who_may_not_speak_for_the_workspace_sets_no_policy(editor: Person, stranger: Person) -> None:
    made = versions(editor, 1)
    for who, wrong in ((editor, Forbidden), (stranger, NotFound)):
        with pytest.raises(wrong):
            keep_versions(who.actor, made.pk, by="own", last=1)
    with pytest.raises(NotFound):
        version_keeping(stranger.actor, made.pk)


def test_what_is_live_and_what_leads_back_from_it_stays(editor: Person, admin: Person) -> None:
    made = versions(editor, 6)
    keeping(admin, made)
    assert would(made) == [1, 2, 3, 4], "5 was live before 6"
    roll_back(editor.actor, made.pk, version=2)
    start_canary(editor.actor, made.pk, version=3, weight=10, guards={})
    # The canary's release names 2 as the one before; the way back is the version that was live before 2.
    assert would(made) == [1, 4, 5]


def test_what_was_released_within_the_days_stays(editor: Person, admin: Person) -> None:
    made = versions(editor, 6)
    for number in (2, 6):
        release(editor.actor, made.pk, version=number)
    Release.objects.order_by("-created_at").update(created_at=timezone.now() - timedelta(days=20))
    assert Release.objects.filter(version__number=2).count() == 2
    keeping(admin, made, last=1, days=30)
    assert would(made) == [], "each was released within them"
    Release.objects.exclude(version__number__in=(2, 6)).update(created_at=timezone.now() - OLD)
    assert would(made) == [3, 4], "1 was the one before 2, and 5 before 6"


def test_what_somebody_wrote_a_word_about_stays(editor: Person, admin: Person) -> None:
    made = versions(editor, 5)
    annotate(editor.actor, made.pk, 1, name="The good one")
    annotate(editor.actor, made.pk, 2, note="Before the fair")
    keeping(admin, made)
    assert would(made) == [3]


def test_what_a_run_goes_by_stays_until_retention_took_the_run(editor: Person, admin: Person) -> None:
    made = versions(editor, 4)
    run = start(editor.actor, made.pk, version=1).run.id
    keeping(admin, made)
    assert would(made) == [2]
    Run.objects.filter(pk=run).delete()
    assert would(made) == [1, 2]


@pytest.mark.parametrize("named", ["Chain", "id", "{{ input.flow }}"])
def test_what_a_draft_calls_by_number_stays(editor: Person, admin: Person, named: str) -> None:
    made = versions(editor, 5)
    keeping(admin, made)
    caller = create_flow(editor.actor, name="Caller")
    flow = str(made.pk) if named == "id" else named
    save(editor, caller, {"id": "call", "type": "flow.call", "config": {"flow": flow, "version": 2}})
    assert would(made) == [1, 3]
    save(editor, caller, {"id": "call", "type": "flow.call", "config": {"flow": "Another", "version": 2}})
    assert would(made) == [1, 2, 3]


def test_what_a_test_run_of_a_draft_of_then_calls_by_number_stays_as_long_as_it_goes_on(
    editor: Person, admin: Person
) -> None:
    made = versions(editor, 5)
    keeping(admin, made)
    caller = create_flow(editor.actor, name="Caller")
    save(editor, caller, {"id": "call", "type": "flow.call", "config": {"flow": "Chain", "version": 2}})
    run = start_draft(editor.actor, caller.pk, DraftOrder(input={})).run.id
    save(editor, caller, {"id": "call", "type": "flow.call", "config": {"flow": "Chain"}})
    assert would(made) == [1, 3], "nothing but the run names it any more"
    Run.objects.filter(pk=run).update(status="cancelled", finished_at=timezone.now())
    assert would(made) == [1, 2, 3]


def test_what_a_version_that_stays_calls_by_number_stays_and_goes_after_it(editor: Person, admin: Person) -> None:
    made = versions(editor, 5)
    keeping(admin, made)
    caller = create_flow(editor.actor, name="Caller")
    save(
        editor, caller, {"id": "call", "type": "flow.call", "config": {"flow": "Chain", "version": 2}, "timeout": "1h"}
    )
    publish(editor.actor, caller.pk)
    save(editor, caller, {"id": "back", "type": "flow.rollback", "config": {"flow": "Chain", "version": 3}})
    for _ in range(3):
        publish(editor.actor, caller.pk)
    assert would(made) == [1]
    Version.objects.filter(flow=caller).update(published_at=timezone.now() - OLD)
    keeping(admin, caller)
    assert (would(caller), would(made)) == ([1, 2], [1, 2]), "3 is named by versions that stay"
    call = start(editor.actor, caller.pk, version=1).run.id
    assert (would(caller), would(made)) == ([2], [1]), "and 2 as long as a run of its caller stays"
    now = timezone.now()
    Run.objects.filter(pk=call).update(version=Version.objects.get(flow=caller, number=4))
    prune(now)
    Run.objects.filter(pk=call).update(version=Version.objects.get(flow=caller, number=1))
    prune(now + SETTLES + timedelta(minutes=1))
    gone = Version.objects.filter(document="").order_by("flow__name", "number").values_list("flow__name", "number")
    assert list(gone) == [("Caller", 2), ("Chain", 1)], "a caller that is opened again finds what it calls"


def test_a_rollback_to_a_number_of_the_flow_itself_keeps_that_version(editor: Person, admin: Person) -> None:
    made = versions(editor, 5)
    keeping(admin, made)
    save(editor, made, {"id": "back", "type": "flow.rollback", "config": {"version": 2}})
    assert would(made) == [1, 3]


def test_what_began_before_the_first_round_is_seen_by_the_second(editor: Person, admin: Person) -> None:
    """A start had found version 1 open; its row comes in after version 1 was closed."""
    made = versions(editor, 4)
    keeping(admin, made)
    run = start(editor.actor, made.pk).run.id
    now = timezone.now()
    prune(now)
    assert set(Version.objects.filter(pruned_at__isnull=False).values_list("number", flat=True)) == {1, 2}
    prune(now + SETTLES - timedelta(seconds=1))
    assert not Version.objects.filter(document="").exists(), "not before it has settled"
    first = Version.objects.get(number=1)
    Run.objects.filter(pk=run).update(version=first, document_hash=first.hash)
    prune(now + SETTLES + timedelta(seconds=1))
    assert list(Version.objects.filter(document="").values_list("number", flat=True)) == [2]
    assert Version.objects.get(number=1).pruned_at is None, "it is open again"


def test_who_takes_the_policy_back_in_time_loses_nothing(editor: Person, admin: Person) -> None:
    made = versions(editor, 4)
    keeping(admin, made)
    now = timezone.now()
    prune(now)
    keep_versions(admin.actor, made.pk, by="all")
    prune(now + SETTLES + timedelta(seconds=1))
    assert not Version.objects.filter(pruned_at__isnull=False).exists()
    assert compare(editor.actor, made.pk, before=1, after=2) == []


@pytest.mark.parametrize("settled", [False, True])
def test_a_pruned_version_answers_everybody_alike(editor: Person, admin: Person, settled: bool) -> None:
    made = versions(editor, 5)
    keeping(admin, made)
    run = start(editor.actor, made.pk).run.id
    Run.objects.filter(pk=run).update(status="succeeded", finished_at=timezone.now())
    pruned() if settled else prune()
    for refused in (
        lambda: compare(editor.actor, made.pk, before=1, after=4),
        lambda: compare(editor.actor, made.pk, before=4, after=1),
        lambda: roll_back(editor.actor, made.pk, version=1),
        lambda: release(editor.actor, made.pk, version=1),
        lambda: start_canary(editor.actor, made.pk, version=1, weight=5, guards={}),
        lambda: start(editor.actor, made.pk, version=1),
        lambda: rerun(editor.actor, run, Again(version=1)),
    ):
        with pytest.raises(VersionPruned, match="Version 1 was pruned on"):
            refused()
    live = Flow.objects.get(pk=made.pk).live
    assert live is not None
    assert live.version.number == 5
    assert sorted(export_flows(editor.actor, live=True)) == ["chain.yaml", "manifest.yaml"]


def test_the_last_good_version_is_one_that_is_there(editor: Person, admin: Person) -> None:
    made = versions(editor, 4)
    for number in (1, 2):
        Run.objects.filter(pk=start(editor.actor, made.pk, version=number).run.id).update(
            status="succeeded", finished_at=timezone.now()
        )
    assert last_good(editor.actor, made.pk).version.number == 2
    Version.objects.filter(number=2).update(pruned_at=timezone.now())
    assert last_good(editor.actor, made.pk).version.number == 1


def test_fsck_tells_a_version_that_is_gone_though_it_is_live_and_one_that_is_not_what_it_was(editor: Person) -> None:
    versions(editor, 4)
    Version.objects.filter(number=4).update(document="", pruned_at=timezone.now())
    with tampering():
        Version.objects.filter(number=2).update(document='{"dsl":1,"nodes":[]}')
    told = sorted(str(fault) for fault in fsck.check().faults)
    assert len(told) == 2
    assert "version 2 of Chain is not what its hash says" in "\n".join(told)
    assert "version 4 of Chain was pruned, and the release that is live names it" in "\n".join(told)


def test_what_is_live_or_proposed_in_any_environment_stays_with_its_way_back(editor: Person, admin: Person) -> None:
    made = versions(editor, 8)
    for number in (1, 3):
        release(editor.actor, made.pk, version=number, environment="staging")
    change_environment(admin.actor, "dev", needs_second=True)
    asked = propose(editor.actor, made.pk, version=5, environment="dev")
    Release.objects.filter(flow=made).update(created_at=F("created_at") - OLD)
    keeping(admin, made)
    assert would(made) == [2, 4, 6], "3 is live in staging, 1 the way back there; 8 in production, 7 the way back"
    reject(editor.actor, made.pk, asked.pk)
    assert would(made) == [2, 4, 5, 6]


def test_what_was_taken_out_stays_until_something_else_is_live_there(editor: Person, admin: Person) -> None:
    made = versions(editor, 6)
    release(editor.actor, made.pk, version=2, environment="staging")
    take_out(editor.actor, made.pk, environment="staging")
    Release.objects.filter(flow=made).update(created_at=F("created_at") - OLD)
    keeping(admin, made)
    assert would(made) == [1, 3, 4], "6 is live in production and 5 the way back there"
    assert pruned() == [1, 3, 4]
    again = release(editor.actor, made.pk, version=2, environment="staging")
    assert (again.version.number, again.previous) == (2, None)
    for number in (5, 6):
        release(editor.actor, made.pk, version=number, environment="staging")
    assert would(made) == [2], "nothing leads back to it any more"


def test_a_flow_that_is_live_nowhere_keeps_what_was_live_last_in_each_environment(
    editor: Person, admin: Person
) -> None:
    made = versions(editor, 5)
    release(editor.actor, made.pk, version=1, environment="dev")
    release(editor.actor, made.pk, version=3, environment="staging")
    for name in ("dev", "staging", "production"):
        take_out(editor.actor, made.pk, environment=name)
    Release.objects.filter(flow=made).update(created_at=F("created_at") - OLD)
    keeping(admin, made)
    assert would(made) == [2, 4]
    archive_flow(editor.actor, made.pk)
    assert would(made) == [2, 4], "it can be restored"


def test_what_is_live_anywhere_can_be_exported_after_pruning(editor: Person, admin: Person) -> None:
    made = versions(editor, 6)
    release(editor.actor, made.pk, version=2, environment="staging")
    Release.objects.filter(flow=made).update(created_at=F("created_at") - OLD)
    keeping(admin, made)
    before = export_flows(editor.actor, live=True)
    assert pruned() == [1, 3, 4]
    assert export_flows(editor.actor, live=True) == before
    assert "staging: 2" in before["manifest.yaml"]
