"""Groups and escalation on the executor: who is asked when, who gets a letter, and who may decide no more."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from flows.engine.events import StepEscalated
from flows.models import Approval, AuditEntry, Membership
from flows.operations import approvals, groups
from flows.operations.approval_letters import link_of
from flows.operations.approvals import NotAsked, decide
from flows.runtime.clock import VirtualClock
from tests.cast import Person, person
from tests.operations.test_approval_letters import relayed
from tests.runtime.house import drive, journal
from tests.runtime.test_approvals import asked, finished, went

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000
ESCALATION = [
    {"after": "1h", "assignees": {"groups": ["board"]}},
    {"after": "2h", "assignees": {"users": ["root"], "roles": ["operator"]}},
]


@pytest.fixture
def editor() -> Person:
    return person("editor", "editor")


@pytest.fixture
def root() -> Person:
    return person("root", "admin")


@pytest.fixture(autouse=True)
def an_address(settings: Any) -> None:
    settings.MULGIL = {**settings.MULGIL, "public_url": "https://mulgil.example"}


def membership(who: Person) -> Any:
    return Membership.objects.get(user_id=who.actor.user, workspace_id=who.actor.workspace).pk


def group(root: Person, name: str, *people: Person) -> Any:
    return groups.create_group(root.actor, name=name, members=[membership(one) for one in people]).pk


def hours_later(approval: Approval, hours: float) -> VirtualClock:
    return VirtualClock(int(approval.created_at.timestamp() * 1_000_000 + hours * HOUR))


def written() -> list[str]:
    relayed()
    return sorted(letter.to[0].partition("@")[0] for letter in mail.outbox)


# --- groups -----------------------------------------------------------------------------------------------


def test_everyone_in_a_group_is_asked_and_who_joins_or_leaves_counts_from_then_on(editor: Person, root: Person) -> None:
    kim, lee, max_ = person("kim", "viewer"), person("lee", "operator"), person("max", "viewer")
    made = group(root, "board", kim, lee)
    run, approval = asked(editor, assignees={"groups": ["board"]}, quorum=2)
    assert written() == ["kim", "lee"]
    for other in (max_, root):
        with pytest.raises(NotAsked):
            decide(other.actor, approval.pk, "approved")
    groups.put_in(root.actor, made, membership(max_))
    groups.take_out(root.actor, made, membership(lee))
    with pytest.raises(NotAsked):
        decide(lee.actor, approval.pk, "rejected")
    assert not approvals.list_approvals(lee.actor).rows
    assert [row.pk for row in approvals.list_approvals(max_.actor).rows] == [approval.pk]
    for who in (kim, max_):
        decide(who.actor, approval.pk, "approved")
    assert finished(run, approval) == "approved"
    assert [vote["by"] for vote in went(run)[1]["votes"]] == ["kim", "max"]


def test_who_left_the_group_or_the_workspace_decides_by_no_link_and_no_vote(
    editor: Person, root: Person, client: Client
) -> None:
    kim, lee = person("kim", "viewer"), person("lee", "viewer")
    made = group(root, "board", kim, lee)
    _, approval = asked(editor, assignees={"groups": ["board"]})
    assert kim.actor.user is not None
    assert lee.actor.user is not None
    links = [link_of(approval.pk, kim.actor.user), link_of(approval.pk, lee.actor.user)]
    assert [client.get(link).status_code for link in links] == [200, 200]
    groups.take_out(root.actor, made, membership(kim))
    Membership.objects.filter(pk=membership(lee)).delete()
    for link in links:
        assert client.post(link, {"decision": "approved"}).status_code == 404
    address = f"/api/approvals/{approval.pk}/decide/"
    body = {"decision": "approved"}
    refused = [client.post(address, body, content_type="application/json", headers=who.headers) for who in (kim, lee)]
    assert (refused[0].status_code, refused[0].json()["code"]) == (403, "not_asked")
    assert refused[1].status_code in (401, 403, 404)
    assert not approval.votes.exists()


def test_a_quorum_that_too_few_are_left_for_is_said(editor: Person, root: Person, client: Client) -> None:
    kim, lee = person("kim", "viewer"), person("lee", "viewer")
    made = group(root, "board", kim, lee)
    _, approval = asked(editor, assignees={"groups": ["board"]}, quorum=2)

    def told() -> tuple[int, int]:
        answer = client.get(f"/api/approvals/{approval.pk}/", headers=kim.headers).json()
        return answer["remaining"], answer["lacking"]

    assert told() == (2, 0)
    decide(kim.actor, approval.pk, "approved")
    assert told() == (1, 0)
    groups.take_out(root.actor, made, membership(lee))
    assert told() == (0, 1)
    groups.put_in(root.actor, made, membership(root))
    assert told() == (1, 0)


def test_a_group_of_another_workspace_with_the_same_name_is_another(editor: Person, root: Person) -> None:
    abroad = person("abroad", "admin", home="elsewhere")
    groups.create_group(abroad.actor, name="board", members=[membership(abroad)])
    group(root, "board", person("kim", "viewer"))
    asked(editor, assignees={"groups": ["board"]})
    assert written() == ["kim"]


# --- escalation -------------------------------------------------------------------------------------------


def test_what_nobody_decides_goes_on_stage_by_stage_with_letters_to_those_alone(
    editor: Person, root: Person, client: Client
) -> None:
    kim, lee, olga = person("kim", "viewer"), person("lee", "viewer"), person("olga", "operator")
    group(root, "board", lee)
    run, approval = asked(editor, assignees={"users": ["kim"]}, escalation=ESCALATION)
    assert written() == ["kim"]
    with pytest.raises(NotAsked):
        decide(lee.actor, approval.pk, "approved")
    drive(clock=hours_later(approval, 1.5))
    assert written() == ["kim", "lee"]
    told = client.get(f"/api/approvals/{approval.pk}/", headers=lee.headers).json()
    assert (told["stage"], told["groups"], told["may_decide"]) == (1, ["board"], True)
    assert [(stage["after"], stage["groups"], stage["users"]) for stage in told["escalation"]] == [
        ("1h", ["board"], []),
        ("2h", [], ["root"]),
    ]
    with pytest.raises(NotAsked):
        decide(olga.actor, approval.pk, "approved")
    drive(clock=hours_later(approval, 3))
    assert written() == ["kim", "lee", "olga", "root"]
    assert [event.stage for event in journal(run) if isinstance(event, StepEscalated)] == [1, 2]
    # Who was asked first still may; the question is one, whoever answers it.
    decide(kim.actor, approval.pk, "approved")
    assert finished(run, approval) == "approved"
    assert [vote["by"] for vote in went(run)[1]["votes"]] == ["kim"]


def test_stages_that_were_slept_through_come_at_once_each_once(editor: Person, root: Person) -> None:
    group(root, "board", person("lee", "viewer"))
    person("kim", "viewer")
    _, approval = asked(editor, assignees={"users": ["kim"]}, escalation=ESCALATION)
    drive(clock=hours_later(approval, 48))
    approval.refresh_from_db()
    assert (approval.stage, approval.users, approval.roles, approval.groups) == (
        2,
        ["kim", "root"],
        ["operator"],
        ["board"],
    )
    assert written() == ["kim", "lee", "root"]


def test_a_decision_in_time_asks_nobody_further(editor: Person, root: Person) -> None:
    group(root, "board", person("lee", "viewer"))
    run, approval = asked(editor, assignees={"users": ["kim"]}, escalation=ESCALATION)
    decide(person("kim", "viewer").actor, approval.pk, "rejected")
    drive(clock=hours_later(approval, 3))
    assert finished(run, approval) == "rejected"
    assert (approval.stage, approval.groups) == (0, [])
    assert not [event for event in journal(run) if isinstance(event, StepEscalated)]


def test_an_escalation_ends_by_the_default_when_nobody_of_any_stage_decides(editor: Person, root: Person) -> None:
    lee = person("lee", "viewer")
    group(root, "board", lee)
    run, approval = asked(
        editor, assignees={"users": ["kim"]}, escalation=ESCALATION, timeout="3h", on_timeout="reject"
    )
    drive(clock=hours_later(approval, 2.5))
    approval.refresh_from_db()
    assert (approval.stage, approval.closed_at) == (2, None)
    drive(clock=hours_later(approval, 3.5))
    assert finished(run, approval) == "rejected"
    with pytest.raises(approvals.ApprovalClosed):
        decide(lee.actor, approval.pk, "approved")


# --- over HTTP --------------------------------------------------------------------------------------------


def test_groups_are_managed_by_admins_and_read_by_all_and_every_change_is_written_down(
    editor: Person, root: Person, client: Client
) -> None:
    kim = person("kim", "viewer")

    def call(method: str, path: str, who: Person, body: Any = None) -> Any:
        made = getattr(client, method)(path, body, content_type="application/json", headers=who.headers)
        return made.status_code, made.json() if made.content else None

    wanted = {"name": " board ", "members": [str(membership(kim))]}
    assert call("post", "/api/groups/", editor, wanted)[0] == 403
    status, made = call("post", "/api/groups/", root, wanted)
    assert status == 201, made
    assert (made["name"], [one["name"] for one in made["members"]]) == ("board", ["kim"])
    status, problem = call("post", "/api/groups/", root, {"name": "board"})
    assert (status, problem["code"]) == (409, "group_taken")
    assert call("post", "/api/groups/", root, {"name": "  "})[0] == 422
    here = f"/api/groups/{made['id']}/"
    place = f"{here}members/{membership(editor)}/"
    assert call("put", place, editor)[0] == 403
    assert [one["name"] for one in call("put", place, root)[1]["members"]] == ["editor", "kim"]
    assert call("put", place, root)[0] == 200
    abroad = person("abroad", "admin", home="elsewhere")
    assert call("put", f"{here}members/{membership(abroad)}/", root)[0] == 404
    for path in (here, place):
        assert call("delete", path, abroad)[0] == 404
    assert [one["name"] for one in client.get("/api/groups/", headers=kim.headers).json()["results"]] == ["board"]
    assert [one["name"] for one in call("delete", place, root)[1]["members"]] == ["kim"]
    _, approval = asked(editor, assignees={"groups": ["board"]})
    status, problem = call("delete", here, root)
    assert (status, problem["code"]) == (409, "group_asked")
    decide(kim.actor, approval.pk, "approved")
    drive()
    assert call("delete", here, root)[0] == 204
    assert call("get", here, root)[0] == 404
    verbs = AuditEntry.objects.filter(verb__contains="group").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["made group", "put into group", "took out of group", "removed group"]
