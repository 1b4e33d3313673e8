"""Approvals by e-mail: from the run that asks, by the relay, to the person's letter and what its link does."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from flows.models import Approval, Delivery, Inbox, Membership, Outbox, Profile, Run, Vote
from flows.operations import approval_letters
from flows.operations.approval_letters import link_of
from flows.operations.approvals import decide
from flows.runtime.relay import Relay
from tests.cast import Person, person
from tests.runtime.house import drive
from tests.runtime.test_approvals import FORM, asked, finished, went

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def an_address(settings: Any) -> None:
    settings.MULGIL = {**settings.MULGIL, "public_url": "https://mulgil.example"}


def relayed() -> list[Any]:
    """What went out, once the relay has nothing more to do."""
    while Delivery.objects.filter(state="waiting", tries=0).exists():
        asyncio.run(Relay().once())
    return mail.outbox


def link(approval: Approval, who: Person) -> str:
    assert who.actor.user is not None
    return link_of(approval.pk, who.actor.user)


def nothing_decided() -> bool:
    return not Vote.objects.exists() and not Inbox.objects.exists()


# --- letters ----------------------------------------------------------------------------------------------


def test_each_person_asked_gets_one_letter_and_its_link_decides(editor: Person, client: Client) -> None:
    kim = person("kim", "viewer")
    for name, role in (("lee", "operator"), ("stranger", "viewer")):
        person(name, role)
    person("olga", "operator", home="elsewhere")
    person("gone", "operator")
    User.objects.filter(username="gone").update(is_active=False)
    person("mute", "operator")
    User.objects.filter(username="mute").update(email="")
    run, approval = asked(editor, assignees={"users": ["kim"], "roles": ["operator"]}, message="It broke.\n\nBadly.")
    assert sorted(one.to[0] for one in relayed()) == ["kim@mulgil.example", "lee@mulgil.example"]
    letter = next(one for one in mail.outbox if one.to == ["kim@mulgil.example"])
    assert letter.subject == "To decide: Refund 7?"
    assert "It broke.\n\nBadly." in letter.body
    found = re.search(r"https://mulgil\.example(/decide/\S+)", str(letter.body))
    assert found is not None
    assert found[1] == link(approval, kim)
    assert client.post(found[1], {"decision": "approved", "comment": "fine"}).status_code == 200
    assert finished(run, approval) == "approved"
    assert [(vote["by"], vote["comment"]) for vote in went(run)[1]["votes"]] == [("kim", "fine")]


def test_news_told_twice_writes_to_nobody_twice(editor: Person) -> None:
    person("kim", "viewer")
    _, approval = asked(editor)
    for _ in range(2):
        approval_letters.address_letters({"approval": str(approval.pk)})
    assert len(relayed()) == 1


def test_letters_to_one_person_stand_in_the_order_of_the_questions(editor: Person) -> None:
    kim = person("kim", "viewer")
    _, first = asked(editor)
    second = Approval.objects.create(
        workspace_id=first.workspace_id, run_id=first.run_id, step="next", title="Second?", users=["kim"]
    )
    Approval.objects.filter(pk=second.pk).update(created_at=first.created_at + timedelta(milliseconds=2))
    for approval in (second, first):
        approval_letters.address_letters({"approval": str(approval.pk)})
    assert {row.key for row in Outbox.objects.filter(topic="approval_letter")} == {str(kim.actor.user)}
    assert [one.subject for one in relayed()] == ["To decide: Refund 7?", "To decide: Second?"]


def test_a_letter_is_in_the_language_of_the_person(editor: Person, client: Client) -> None:
    kim = person("kim", "viewer")
    Profile.objects.create(user=User.objects.get(username="kim"), language="ko")
    _, approval = asked(editor, timeout="1h", on_timeout="reject")
    (letter,) = relayed()
    assert letter.subject == "승인 요청: Refund 7?"
    assert "kim 님, 안녕하세요." in letter.body
    assert f"{approval.due_at:%Y-%m-%d %H:%M} UTC까지 결정할 수 있습니다." in letter.body
    page = client.get(link(approval, kim)).content.decode()
    assert '<html lang="ko">' in page
    for said in (page, letter.body):
        assert "기한까지 아무도 결정하지 않으면 반려로 처리됩니다." in said
    assert "의견(비워 두어도 됩니다)" in page
    client.cookies["mulgil_language"] = "en"
    assert "Comment (may be left empty)" in client.get(link(approval, kim)).content.decode()


def test_a_title_of_several_lines_makes_one_subject(editor: Person) -> None:
    person("kim", "viewer")
    asked(editor, title="Refund\nBcc: all@mulgil.example")
    assert [(one.subject, one.to) for one in relayed()] == [
        ("To decide: Refund Bcc: all@mulgil.example", ["kim@mulgil.example"])
    ]


def test_what_is_decided_before_the_letter_goes_out_is_not_written_of(editor: Person) -> None:
    kim, _lee = person("kim", "viewer"), person("lee", "viewer")
    _, approval = asked(editor)
    decide(kim.actor, approval.pk, "approved")
    assert relayed() == []
    assert not Delivery.objects.filter(state="waiting").exists()


def test_without_a_public_address_the_letter_says_where_to_decide(editor: Person, settings: Any) -> None:
    settings.MULGIL = {**settings.MULGIL, "public_url": None}
    person("kim", "viewer")
    asked(editor)
    (letter,) = relayed()
    assert "on the page of approvals" in letter.body
    assert "/decide/" not in letter.body


def test_without_a_mail_server_nobody_is_written_to(editor: Person, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    person("kim", "viewer")
    asked(editor)
    assert relayed() == []
    assert [row.topic for row in Outbox.objects.all()] == ["approval"]


# --- the page ---------------------------------------------------------------------------------------------


def test_looking_decides_nothing(editor: Person, client: Client) -> None:
    kim = person("kim", "viewer")
    run, approval = asked(editor, message="The customer says <b>it broke</b>.")
    address = link(approval, kim)
    for _ in range(2):
        page = client.get(address, {"decision": "approved"})
        assert page.status_code == 200
        assert client.head(address, {"decision": "approved"}).status_code == 200
    said = page.content.decode()
    assert "Refund 7?" in said
    assert "&lt;b&gt;it broke&lt;/b&gt;" in said
    assert 'value="approved"' in said
    assert page.headers["Cache-Control"].startswith("max-age=0")
    assert client.post(address, {"decision": "perhaps"}).status_code == 400
    assert nothing_decided()
    assert client.put(address).status_code == 405
    drive()
    run.refresh_from_db()
    assert run.status == "waiting"


def test_a_link_is_for_one_use(editor: Person, client: Client) -> None:
    kim = person("kim", "viewer")
    _, approval = asked(editor, quorum=2)
    address = link(approval, kim)
    assert "You have approved" in client.post(address, {"decision": "approved"}).content.decode()
    for again in ("approved", "rejected"):
        assert client.post(address, {"decision": again}).status_code == 404
    assert client.get(address).status_code == 404
    assert [(vote.name, vote.decision) for vote in Vote.objects.all()] == [("kim", "approved")]


def closed_pages(client: Client, editor: Person, approval: Approval, kim: Person) -> dict[str, str]:
    """The addresses that must open nothing while the approval is open to kim, by what is wrong with them."""
    address = link(approval, kim)
    path, token = address.rsplit("/", 2)[:2]
    body, signature = token.rsplit(":", 1)
    assert kim.actor.user is not None
    forged = Signer(key="another key", salt="flows.approval_letter").sign_object([str(approval.pk), kim.actor.user])
    unsalted = Signer().sign_object([str(approval.pk), kim.actor.user])
    other = link(approval, editor).rsplit("/", 2)[1].rsplit(":", 1)
    return {
        "changed signature": f"{path}/{body}:{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}/",
        "no signature": f"{path}/{body}/",
        "the signature of another's": f"{path}/{body}:{other[1]}/",
        "another's words": f"{path}/{other[0]}:{signature}/",
        "another key": f"{path}/{forged}/",
        "another purpose": f"{path}/{unsalted}/",
        "not asked": link(approval, editor),
        "an approval that isn't": link_of(approval.run_id, kim.actor.user),
        "nothing": f"{path}/x/",
    }


def test_whatever_is_wrong_with_a_link_the_page_is_one_and_decides_nothing(editor: Person, client: Client) -> None:
    kim = person("kim", "viewer")
    _, approval = asked(editor)
    pages = set()
    for what, address in closed_pages(client, editor, approval, kim).items():
        for answer in (client.get(address), client.post(address, {"decision": "approved"})):
            assert answer.status_code == 404, what
            pages.add(re.sub(r'name="(csrfmiddlewaretoken|next)" value="[^"]*"', "", answer.content.decode()))
    assert len(pages) == 1
    assert "Nothing is to be decided here" in pages.pop()
    assert nothing_decided()


def test_a_link_passed_on_opens_nothing_for_who_is_signed_in_as_someone_else(editor: Person, client: Client) -> None:
    kim, _lee = person("kim", "viewer"), person("lee", "viewer")
    run, approval = asked(editor)
    client.force_login(User.objects.get(username="lee"))
    address = link(approval, kim)
    assert (client.get(address).status_code, client.post(address, {"decision": "approved"}).status_code) == (404, 404)
    assert nothing_decided()
    client.force_login(User.objects.get(username="kim"))
    assert client.post(address, {"decision": "rejected"}).status_code == 200
    assert finished(run, approval) == "rejected"


def test_a_link_ends_with_the_approval_and_with_the_person_s_part_in_it(editor: Person, client: Client) -> None:
    kim, lee = person("kim", "viewer"), person("lee", "viewer")
    _, approval = asked(editor, timeout="1h")
    address = link(approval, kim)
    Approval.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert client.post(address, {"decision": "approved"}).status_code == 404
    Approval.objects.update(due_at=timezone.now() + timedelta(hours=1))
    User.objects.filter(username="kim").update(is_active=False)
    assert client.post(address, {"decision": "approved"}).status_code == 404
    User.objects.filter(username="kim").update(is_active=True)
    Membership.objects.filter(user__username="kim").delete()
    assert client.post(address, {"decision": "approved"}).status_code == 404
    assert nothing_decided()
    person("kim", "viewer")
    decide(lee.actor, approval.pk, "rejected")
    assert client.post(address, {"decision": "approved"}).status_code == 404
    assert Vote.objects.count() == 1


def test_a_comment_that_is_asked_for_is_asked_for_here_too(editor: Person, client: Client) -> None:
    kim = person("kim", "viewer")
    _, approval = asked(editor, comment=True)
    refused = client.post(
        link(approval, kim), {"decision": "approved", "comment": " "}, headers={"Accept-Language": "ko"}
    )
    assert refused.status_code == 422
    assert "이 승인에는 의견을 적어야 합니다" in refused.content.decode()
    assert nothing_decided()


def test_who_must_fill_in_a_form_is_led_to_it_and_may_reject_here(editor: Person, client: Client) -> None:
    kim = person("kim", "viewer")
    run, approval = asked(editor, form=FORM)
    page = client.get(link(approval, kim)).content.decode()
    assert 'value="approved"' not in page
    assert 'href="/approvals"' in page
    assert client.post(link(approval, kim), {"decision": "approved"}).status_code == 422
    assert client.post(link(approval, kim), {"decision": "rejected"}).status_code == 200
    assert finished(run, approval) == "rejected"


def test_a_form_of_another_site_is_refused(editor: Person) -> None:
    kim = person("kim", "viewer")
    _, approval = asked(editor)
    answer = Client(enforce_csrf_checks=True).post(link(approval, kim), {"decision": "approved"})
    assert answer.status_code == 403
    assert nothing_decided()


def test_a_cancelled_run_s_link_opens_nothing(editor: Person, client: Client) -> None:
    kim = person("kim", "viewer")
    _, approval = asked(editor)
    Approval.objects.update(closed_at=timezone.now(), outcome="cancelled")
    assert client.get(link(approval, kim)).status_code == 404
    assert Run.objects.get().status == "waiting"
