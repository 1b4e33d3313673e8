"""Promotion: what it would change is known before, what is in the way is said at once, and nothing is half done."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flows.errors import Forbidden
from flows.models import AuditEntry, Credential, Flow, Live, Proposal, Release, Trigger
from flows.operations.drafts import save_draft
from flows.operations.environments import NoCredential, Releasers, change_environment, create_environment
from flows.operations.errors import Archived, NotLiveThere
from flows.operations.facts import NotBound
from flows.operations.flows import archive_flow, find_flow
from flows.operations.gates import FlowTestsFail, NotPromotable
from flows.operations.promoting import (
    LiveAlready,
    LiveMovedOn,
    NothingBefore,
    live_number,
    preview,
    promote,
    standings,
)
from flows.operations.proposals import OwnProposal, ProposalClosed, approve, list_proposals, propose, reject
from flows.operations.protection import NotReleaser, SecondNeeded
from flows.operations.publishing import publish
from flows.operations.releases import list_releases, release, roll_back, start_canary, take_out
from flows.operations.starting import start
from flows.operations.versions import compare
from tests.cast import CHAIN, Person, flow, person, with_nodes
from tests.operations.test_environments import CALL, START, with_call


def staged(actor: Any, document: dict[str, Any] | None = None) -> Flow:
    """Version 1 in production, version 2 in staging."""
    made = flow(actor, document)
    save_draft(actor, made.pk, document=(document or CHAIN) | {"description": "second"}, revision=1)
    publish(actor, made.pk, release=False)
    release(actor, made.pk, version=2, environment="staging")
    return made


def live(person: Person, made: Flow, environment: str = "production") -> int:
    return live_number(person.actor, made.pk, environment)


@pytest.fixture
def careful(admin: Person) -> Person:
    """Production asks for a second pair of eyes."""
    change_environment(admin.actor, "production", needs_second=True)
    return admin


def test_what_is_live_before_becomes_live_there(editor: Person) -> None:
    made = staged(editor.actor)
    seen = preview(editor.actor, made.pk, to="production")
    assert seen.source is not None
    assert (seen.source.name, seen.version.number, seen.live and seen.live.number) == ("staging", 2, 1)
    assert [change.template for change in seen.changes] != []
    assert seen.obstacles == []
    done = promote(editor.actor, made.pk, to="production", reason="it held")
    assert done.release is not None
    assert (done.release.kind, done.release.reason, live(editor, made)) == ("promote", "it held", 2)
    assert start(editor.actor, made.pk).run.version == 2


def test_the_diff_between_environments_is_that_of_what_is_live_there(editor: Person) -> None:
    made = staged(editor.actor)
    assert (
        compare(editor.actor, made.pk, before=live(editor, made), after=live(editor, made, "staging"))
        == preview(editor.actor, made.pk, to="production").changes
    )


def test_without_anything_before_there_is_nothing_to_promote(editor: Person) -> None:
    made = flow(editor.actor)
    with pytest.raises(NothingBefore, match="staging"):
        promote(editor.actor, made.pk, to="staging")
    assert promote(editor.actor, made.pk, to="staging", version=1).release is not None
    with pytest.raises(LiveAlready, match="Version 1 is live in staging already"):
        promote(editor.actor, made.pk, to="staging", version=1)


def test_nothing_is_promoted_but_what_was_looked_at(editor: Person) -> None:
    made = staged(editor.actor)
    seen = preview(editor.actor, made.pk, to="production", source="staging").version.number
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "third"}, revision=2)
    publish(editor.actor, made.pk, release=False)
    release(editor.actor, made.pk, version=3, environment="staging")
    with pytest.raises(LiveMovedOn, match="Version 2 is no longer live in staging: version 3 is"):
        promote(editor.actor, made.pk, to="production", source="staging", version=seen)
    assert live(editor, made) == 1
    done = promote(editor.actor, made.pk, to="production", source="staging", version=3)
    assert done.release is not None
    assert (live(editor, made), done.release.reason) == (3, "promoted from staging")


def test_an_unbound_credential_is_one_clear_answer_and_nothing_is_done(admin: Person) -> None:
    made = with_call(admin, base="http://here")
    seen = preview(admin.actor, made.pk, to="staging", version=1)
    assert [(one.name, one.credential) for one in seen.credentials] == [("payments", None)]
    assert [error.code for error in seen.obstacles] == ["credential_not_bound"]
    with pytest.raises(NotBound, match="payments: not bound to a credential in staging"):
        promote(admin.actor, made.pk, to="staging", version=1)
    assert not Release.objects.filter(flow=made, environment__name="staging").exists()


def test_all_that_is_in_the_way_is_told_at_once(admin: Person) -> None:
    made = with_call(admin, base=None)
    with pytest.raises(NotPromotable, match=r"payments.*base"):
        promote(admin.actor, made.pk, to="staging", version=1)


def test_the_preview_tells_what_variables_and_credentials_are_there(admin: Person) -> None:
    made = with_call(admin, base="http://here", other=1)
    change_environment(admin.actor, "staging", vars={"base": "http://there"}, credentials={"payments": "payments-test"})
    seen = preview(admin.actor, made.pk, to="staging", version=1)
    assert [(one.name, one.value, one.is_given, one.before) for one in seen.vars] == [
        ("base", "http://there", True, "http://here"),
        ("other", 1, False, 1),
    ]
    assert [(one.name, one.credential) for one in seen.credentials] == [("payments", "payments-test")]


def test_the_preview_tells_what_variables_are_where_the_version_comes_from(admin: Person) -> None:
    made = with_call(admin, base="http://here", other=1)
    change_environment(admin.actor, "production", vars={"base": "http://shop"})
    change_environment(admin.actor, "staging", vars={"other": 2}, credentials={"payments": "payments-test"})
    seen = preview(admin.actor, made.pk, to="staging", source="production")
    assert {one.name: (one.before, one.value) for one in seen.vars} == {
        "base": ("http://shop", "http://here"),
        "other": (1, 2),
    }


def test_failing_tests_are_in_the_way(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    made = staged(editor.actor)
    failing = CHAIN | {"tests": [{"name": "no", "input": {}, "expect": {"run": "succeeded", "output_of": {"two": 99}}}]}
    version = made.versions.get(number=2)
    # What failed can't be published: it was when its node types were others.
    save_draft(editor.actor, made.pk, document=failing, revision=2)
    monkeypatch.setattr("flows.operations.publishing.failed_tests", lambda document: [])
    publish(editor.actor, made.pk, release=False)
    with pytest.raises(FlowTestsFail):
        promote(editor.actor, made.pk, to="production", version=3)
    assert live(editor, made) == 1
    assert version.number == 2


def test_only_those_who_are_named_may_release_there(admin: Person, editor: Person) -> None:
    made = staged(editor.actor)
    change_environment(admin.actor, "production", releasers=Releasers(roles=["admin"], users=["grace"]))
    for refused in (
        lambda: promote(editor.actor, made.pk, to="production"),
        lambda: release(editor.actor, made.pk, version=2),
        lambda: roll_back(editor.actor, made.pk, version=1),
        lambda: publish(editor.actor, made.pk),
        lambda: start_canary(editor.actor, made.pk, version=2, weight=5, guards={}),
    ):
        with pytest.raises(NotReleaser, match="production"):
            refused()
    assert made.versions.count() == 2, "nothing is half done"
    assert promote(person("grace", "editor").actor, made.pk, to="production").release is not None
    assert roll_back(admin.actor, made.pk, version=1).version.number == 1
    assert [one.may_release for one in standings(editor.actor, made.pk)] == [True, True, False]


def test_a_second_person_makes_the_release(careful: Person, editor: Person) -> None:
    made = staged_with_first_live(editor)
    done = promote(editor.actor, made.pk, to="production")
    assert done.proposal is not None
    assert live(editor, made) == 1
    with pytest.raises(OwnProposal):
        approve(editor.actor, made.pk, done.proposal.pk)
    approved = approve(careful.actor, made.pk, done.proposal.pk, comment="looks right")
    assert (approved.kind, approved.author_id, live(editor, made)) == ("promote", editor.actor.user, 2)
    assert approved.evidence["approved_by"] == "admin"
    with pytest.raises(ProposalClosed):
        approve(careful.actor, made.pk, done.proposal.pk)


def staged_with_first_live(editor: Person) -> Flow:
    """As `staged`, where production asks for a second person from the beginning on."""
    made = flow(editor.actor, published=False)
    first = publish(editor.actor, made.pk)
    assert first.proposal is not None
    approve(person("grace", "editor").actor, made.pk, first.proposal.pk)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk, release=False)
    release(editor.actor, made.pk, version=2, environment="staging")
    return made


def test_a_release_without_a_second_person_is_refused_and_going_back_is_not(careful: Person, editor: Person) -> None:
    made = staged_with_first_live(editor)
    with pytest.raises(SecondNeeded, match="Version 2 was never live in production"):
        release(editor.actor, made.pk, version=2)
    asked = propose(editor.actor, made.pk, version=2)
    approve(careful.actor, made.pk, asked.pk)
    assert roll_back(editor.actor, made.pk, version=1).version.number == 1
    assert roll_back(editor.actor, made.pk, version=2).version.number == 2


def test_a_canary_of_what_nobody_looked_at_is_proposed(careful: Person, editor: Person) -> None:
    made = staged_with_first_live(editor)
    with pytest.raises(SecondNeeded):
        start_canary(editor.actor, made.pk, version=2, weight=5, guards={})
    asked = propose(editor.actor, made.pk, version=2, canary={"weight": 5, "steps": [], "guards": {"error_rate": 0.1}})
    begun = approve(careful.actor, made.pk, asked.pk)
    assert (begun.kind, begun.canary_weight, begun.guards["error_rate"]) == ("canary", 5, 0.1)
    release(editor.actor, made.pk, version=2)


def test_a_newer_proposal_takes_the_place_of_an_open_one_and_ones_own_is_withdrawn(
    careful: Person, editor: Person
) -> None:
    made = staged_with_first_live(editor)
    first, second = propose(editor.actor, made.pk, version=2), propose(editor.actor, made.pk, version=2)
    with pytest.raises(ProposalClosed, match="replaced"):
        approve(careful.actor, made.pk, first.pk)
    assert reject(editor.actor, made.pk, second.pk).outcome == "withdrawn"
    third = propose(editor.actor, made.pk, version=2)
    assert reject(careful.actor, made.pk, third.pk, comment="not now").outcome == "rejected"
    told = [one.outcome for one in list_proposals(editor.actor, made.pk).rows]
    assert told == ["rejected", "withdrawn", "replaced", "approved"]
    assert live(editor, made) == 1


def test_what_changed_meanwhile_is_looked_at_again_when_it_is_approved(careful: Person, editor: Person) -> None:
    made = staged_with_first_live(editor)
    asked = propose(editor.actor, made.pk, version=2)
    change_environment(careful.actor, "production", releasers=Releasers(users=["nobody"]))
    with pytest.raises(NotReleaser):
        approve(careful.actor, made.pk, asked.pk)
    assert find_flow(editor.actor, made.pk).live is not None
    assert live(editor, made) == 1


def test_where_a_flow_is_live_is_told_without_documents_and_at_one_price(
    editor: Person, admin: Person, django_assert_num_queries: Any
) -> None:
    made = staged(editor.actor)
    start_canary(editor.actor, made.pk, version=1, weight=5, guards={}, environment="staging")
    propose(editor.actor, made.pk, version=2)
    change_environment(admin.actor, "staging", releasers=Releasers(users=["editor"]))

    def told() -> list[tuple[str, bool]]:
        found = standings(editor.actor, made.pk)
        releases = [one.release for one in found if one.release is not None]
        assert {release.previous.number for release in releases if release.previous is not None} == {2}
        assert {release.environment.name for release in releases} >= {"staging", "production"}
        return [(one.environment.name, one.may_release) for one in found]

    with CaptureQueriesContext(connection) as few:
        assert told() == [("dev", True), ("staging", True), ("production", True)]
    assert not any('"document"' in query["sql"] for query in few.captured_queries)
    for number in range(4):
        create_environment(admin.actor, name=f"more-{number}")
        change_environment(admin.actor, f"more-{number}", releasers=Releasers(users=["somebody"]))
    with django_assert_num_queries(len(few)):
        assert [may for _, may in told()] == [True, True, True, False, False, False, False]


def proposed(editor: Person, document: dict[str, Any] | None = None) -> tuple[Flow, Proposal]:
    """Version 1, which waits for a second person to be released in production."""
    made = flow(editor.actor, document, published=False)
    asked = publish(editor.actor, made.pk).proposal
    assert asked is not None
    return made, asked


def is_open(asked: Proposal) -> bool:
    asked.refresh_from_db()
    return asked.outcome == "" and not Live.objects.filter(flow=asked.flow).exists()


def test_tests_that_fail_by_now_keep_a_proposal_from_being_approved(
    careful: Person, editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = CHAIN | {"tests": [{"name": "no", "input": {}, "expect": {"run": "succeeded", "output_of": {"two": 99}}}]}
    # It passed when it was proposed: its node types were others then.
    with monkeypatch.context() as then:
        then.setattr("flows.operations.publishing.failed_tests", lambda document: [])
        made, asked = proposed(editor, failing)
    with pytest.raises(FlowTestsFail, match="1 fail"):
        approve(careful.actor, made.pk, asked.pk)
    assert is_open(asked)
    with pytest.raises(FlowTestsFail):
        propose(editor.actor, made.pk, version=1)
    assert is_open(asked), "what can't be released replaces nothing"


@pytest.mark.parametrize("canary", [None, {"weight": 5, "steps": [], "guards": {}}], ids=["whole", "canary"])
def test_a_credential_that_is_gone_by_now_keeps_a_proposal_from_being_approved(
    admin: Person, editor: Person, canary: dict[str, Any] | None
) -> None:
    made = with_call(editor, base="http://here")
    save_draft(editor.actor, made.pk, document=with_nodes(START, CALL, settings={"vars": {"base": "x"}}), revision=1)
    publish(editor.actor, made.pk, release=False)
    change_environment(admin.actor, "production", needs_second=True)
    asked = propose(editor.actor, made.pk, version=2, canary=canary)
    Credential.objects.filter(name="payments").delete()
    with pytest.raises(NoCredential, match="no credential payments in this workspace for production to use"):
        approve(admin.actor, made.pk, asked.pk)
    with pytest.raises(NoCredential):
        propose(editor.actor, made.pk, version=2, canary=canary)
    asked.refresh_from_db()
    standing = Live.objects.select_related("release__version").get(flow=made).release
    assert (asked.outcome, standing.version.number, standing.canary) == ("", 1, None)


def test_a_proposal_waits_for_no_archived_flow(careful: Person, editor: Person) -> None:
    made, asked = proposed(editor)
    archive_flow(editor.actor, made.pk)
    with pytest.raises(Archived):
        approve(careful.actor, made.pk, asked.pk)
    assert is_open(asked)


def test_whoever_may_not_decide_has_no_tests_played(
    careful: Person, editor: Person, viewer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, asked = proposed(editor)
    played: list[Any] = []

    def play(document: Any) -> list[Any]:
        played.append(document)
        return []

    monkeypatch.setattr("flows.operations.gates.failed_tests", play)
    change_environment(careful.actor, "production", releasers=Releasers(roles=["admin", "editor"]))
    for person_, refusal in ((viewer, Forbidden), (editor, OwnProposal)):
        with pytest.raises(refusal):
            approve(person_.actor, made.pk, asked.pk)
    assert played == []
    approve(careful.actor, made.pk, asked.pk)
    assert len(played) == 1


def test_a_flow_is_taken_out_of_one_environment_and_stays_in_the_others(editor: Person) -> None:
    hook = {"id": "hook", "type": "trigger.webhook", "config": {"path": "orders", "auth": "none"}}
    made = flow(editor.actor, with_nodes(hook, {"id": "say", "type": "log", "config": {"message": "hi"}}))
    release(editor.actor, made.pk, version=1, environment="staging")
    begun = start(editor.actor, made.pk, environment="staging")
    ended = take_out(editor.actor, made.pk, environment="staging", reason="the trial is over")
    assert (ended.kind, ended.version.number, ended.reason) == ("take_out", 1, "the trial is over")
    with pytest.raises(NotLiveThere, match="staging"):
        start(editor.actor, made.pk, environment="staging")
    assert [one.environment.name for one in Trigger.objects.select_related("environment")] == ["production"]
    assert start(editor.actor, made.pk).run.version == begun.run.version == 1
    told = list_releases(editor.actor, made.pk, environment="staging").rows
    assert [one.kind for one in told] == ["take_out", "publish"]
    entry = AuditEntry.objects.filter(verb="released (take_out)").get()
    assert (entry.subject, entry.details["environment"], entry.details["reason"]) == (
        "Chain v1",
        "staging",
        "the trial is over",
    )
    with pytest.raises(NotLiveThere):
        take_out(editor.actor, made.pk, environment="staging")
    release(editor.actor, made.pk, version=1, environment="staging")
    assert start(editor.actor, made.pk, environment="staging").run.version == 1


def test_only_who_may_release_there_takes_a_flow_out_and_going_back_needs_nobody_else(
    careful: Person, editor: Person, viewer: Person
) -> None:
    made = staged_with_first_live(editor)
    change_environment(careful.actor, "production", releasers=Releasers(roles=["admin"]))
    for refused in (viewer, editor):
        with pytest.raises(Forbidden):
            take_out(refused.actor, made.pk, environment="production")
    assert live(editor, made) == 1
    take_out(careful.actor, made.pk, environment="production")
    assert find_flow(editor.actor, made.pk).live is None
    assert roll_back(careful.actor, made.pk, version=1).version.number == 1
