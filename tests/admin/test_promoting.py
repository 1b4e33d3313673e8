"""The admin's pages of environments: what would change, the promotion, and the second person's yes or no."""

import re
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.models import Flow, Membership, Workspace
from flows.operations.actor import Actor
from flows.operations.administering import administrator
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.flows import create_flow
from flows.operations.promoting import live_number, promote
from flows.operations.publishing import publish
from flows.operations.releases import release
from tests.admin.test_roll_back import document, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Workspace:
    return Workspace.objects.create(slug="shop", name="Shop")


@pytest.fixture
def staged(shop: Workspace) -> Flow:
    """Version 1 in production, version 2 in staging."""
    editor = Actor(user=None, name="editor", workspace=shop.pk, role="admin")
    made = create_flow(editor, name="Orders", document=document("Hello"))
    publish(editor, made.pk)
    save_draft(editor, made.pk, document=document("Good <b>day</b>"), revision=1)
    publish(editor, made.pk, release=False)
    release(editor, made.pk, version=2, environment="staging")
    return made


def owner(shop: Workspace, name: str = "owner") -> Actor:
    found = User.objects.filter(username=name).first() or person(name, shop, "admin")
    return administrator(found.pk, shop.pk)


def signed_in(client: Client, actor: Actor) -> Client:
    client.force_login(User.objects.get(pk=actor.user))
    return client


def address(flow: Flow, rest: str) -> str:
    return f"/admin/flows/flow/{flow.pk}/{rest}"


def test_a_flow_says_where_it_is_live_and_how_it_goes_on(client: Client, shop: Workspace, staged: Flow) -> None:
    page = signed_in(client, owner(shop)).get(address(staged, "change/")).content.decode()
    assert address(staged, "promote/production/") in page
    assert address(staged, "promote/staging/") not in page, "nothing is live before it"
    assert "Promote v2" in page


def test_where_nothing_comes_before_the_newest_version_is_released_straight_away(
    client: Client, shop: Workspace, staged: Flow
) -> None:
    actor = owner(shop)
    one = signed_in(client, actor)
    where = address(staged, "roll-back/2/?environment=dev")
    assert where in one.get(address(staged, "change/")).content.decode()
    assert "Release v2 in dev" in one.get(where).content.decode()
    assert one.post(where, {"reason": "to try"}).status_code == 302
    assert live_number(actor, staged.pk, "dev") == 2
    page = one.get(address(staged, "change/")).content.decode()
    assert where not in page, "the newest is live there"
    assert address(staged, "promote/staging/") not in page, "the same is live in both"


def test_the_difference_stands_on_the_page_and_a_yes_promotes(client: Client, shop: Workspace, staged: Flow) -> None:
    actor = owner(shop)
    where = address(staged, "promote/production/")
    page = signed_in(client, actor).get(where).content.decode()
    assert "Good &lt;b&gt;day" in page
    assert re.search(r"<h2[^>]*>Orders: Promote v2 to production</h2>", page)
    assert live_number(actor, staged.pk, None) == 1
    assert client.post(where, {"reason": "it held", "promote": "yes"}).status_code == 302
    assert live_number(actor, staged.pk, None) == 2
    newest = staged.releases.order_by("-pk").first()
    assert newest is not None
    assert (newest.kind, newest.reason, newest.author_id) == ("promote", "it held", actor.user)


def test_what_went_live_while_somebody_looked_is_not_promoted_unseen(
    client: Client, shop: Workspace, staged: Flow
) -> None:
    actor = owner(shop)
    where = address(staged, "promote/production/")
    page = signed_in(client, actor).get(where).content.decode()
    looked_at = dict(re.findall(r'<input type="hidden" name="(version|source)" value="(\w+)"', page))
    assert looked_at == {"version": "2", "source": "staging"}
    release(actor, staged.pk, version=1, environment="staging")
    told = client.post(where, {"promote": "yes", **looked_at}, follow=True).content.decode()
    assert "Version 2 is no longer live in staging: version 1 is." in told
    assert live_number(actor, staged.pk, None) == 1
    release(actor, staged.pk, version=2, environment="staging")
    client.post(where, {"promote": "yes", **looked_at})
    assert live_number(actor, staged.pk, None) == 2


def test_what_is_in_the_way_is_told_and_there_is_no_button(client: Client, shop: Workspace, staged: Flow) -> None:
    actor = owner(shop)
    save_draft(actor, staged.pk, document=document("x") | {"settings": {"vars": {"base": None}}}, revision=2)
    publish(actor, staged.pk)
    change_environment(actor, "dev", vars={"base": 1})
    release(actor, staged.pk, version=3, environment="dev")
    page = signed_in(client, actor).get(address(staged, "promote/staging/")).content.decode()
    assert "the flow leaves the value to the environment" in page
    assert 'name="promote"' not in page
    client.post(address(staged, "promote/staging/"), {"promote": "yes"})
    assert live_number(actor, staged.pk, "staging") == 2


def test_a_second_person_approves_and_the_first_can_only_withdraw(
    client: Client, shop: Workspace, staged: Flow
) -> None:
    first, second = owner(shop, "first"), owner(shop, "second")
    change_environment(first, "production", needs_second=True)
    proposal = promote(first, staged.pk, to="production").proposal
    assert proposal is not None
    where = address(staged, f"proposals/{proposal.pk}/")
    assert where in signed_in(client, first).get(address(staged, "change/")).content.decode()
    own = client.get(where).content.decode()
    assert "Withdraw" in own
    assert re.search(r"<h2[^>]*>Orders: v2 proposed for production by first</h2>", own)
    assert 'name="approve"' not in own
    client.post(where, {"approve": "yes"})
    assert live_number(first, staged.pk, None) == 1, "an approval of one's own is refused"
    assert 'name="approve"' in signed_in(client, second).get(where).content.decode()
    client.post(where, {"approve": "yes", "reason": "fine"})
    assert live_number(first, staged.pk, None) == 2


def test_the_reason_the_product_gives_is_said_in_the_readers_language(
    client: Client, shop: Workspace, staged: Flow
) -> None:
    first = owner(shop, "first")
    change_environment(first, "production", needs_second=True)
    proposal = promote(first, staged.pk, to="production").proposal
    promote(first, staged.pk, to="dev", source="staging")
    assert proposal is not None
    pages = [address(staged, f"proposals/{proposal.pk}/"), address(staged, "change/")]
    for language, told in (("ko", "staging에서 승격"), ("en", "promoted from staging")):
        for where in pages:
            page = signed_in(client, first).get(where, headers={"Accept-Language": language}).content.decode()
            assert told in page


def test_a_rejection_releases_nothing(client: Client, shop: Workspace, staged: Flow) -> None:
    first, second = owner(shop, "first"), owner(shop, "second")
    change_environment(first, "production", needs_second=True)
    proposal = promote(first, staged.pk, to="production").proposal
    assert proposal is not None
    signed_in(client, second).post(address(staged, f"proposals/{proposal.pk}/"), {"reject": "yes", "reason": "no"})
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.comment, proposal.decided_by) == ("rejected", "no", "second")
    assert live_number(first, staged.pk, None) == 1


def test_a_rollback_goes_where_its_address_says(client: Client, shop: Workspace, staged: Flow) -> None:
    actor = owner(shop)
    where = address(staged, "roll-back/1/?environment=staging")
    page = signed_in(client, actor).get(where).content.decode()
    assert "Roll staging back to v1" in page
    assert "</b> in staging will use version 1 instead of version 2." in page
    assert not re.search(r"<span[^>]*uppercase[^>]*>\s*s\s*</span>", page), "no first letter stands alone in the header"
    assert signed_in(client, actor).post(where, {"reason": ""}).status_code == 302
    assert [live_number(actor, staged.pk, one) for one in ("staging", "production")] == [1, 1]
    assert staged.releases.filter(kind="rollback", environment__name="staging").exists()


def test_what_keeps_a_rollback_from_an_environment_is_told_and_there_is_no_button(
    client: Client, shop: Workspace, staged: Flow
) -> None:
    actor = owner(shop)
    change_environment(actor, "staging", vars={"base": 1})
    for revision, settings in ((2, {"vars": {"base": None}}), (3, {})):
        save_draft(actor, staged.pk, document=document("x") | {"settings": settings}, revision=revision)
        publish(actor, staged.pk, release=False)
        release(actor, staged.pk, version=revision + 1, environment="staging")
    where = address(staged, "roll-back/3/?environment=staging")
    one = signed_in(client, actor)
    assert "Roll staging back to v3</button>" in one.get(where).content.decode()
    change_environment(actor, "staging", vars={})
    page = one.get(where).content.decode()
    assert "base: the flow leaves the value to the environment, and staging has none." in page
    assert "Give them a value in the environment" in page, "how it is mended stands beside it"
    assert "Roll staging back to v3</button>" not in page
    one.post(where, {"reason": "all the same"})
    assert live_number(actor, staged.pk, "staging") == 4


def test_a_yes_takes_the_flow_out_of_one_environment(client: Client, shop: Workspace, staged: Flow) -> None:
    actor = owner(shop)
    where = address(staged, "take-out/staging/")
    assert where in signed_in(client, actor).get(address(staged, "change/")).content.decode()
    assert "Version 2 of <b>Orders</b> is live in staging now" in client.get(where).content.decode()
    assert live_number(actor, staged.pk, "staging") == 2, "nothing is done by looking"
    assert client.post(where, {"reason": "the trial is over", "take_out": "yes"}).status_code == 302
    ended = staged.releases.get(kind="take_out")
    assert (ended.environment.name, ended.reason, ended.author_id) == ("staging", "the trial is over", actor.user)
    page = client.get(address(staged, "change/")).content.decode()
    assert where not in page
    assert "taken out" in page
    again = client.post(where, {"take_out": "yes"}, follow=True).content.decode()
    assert "Nothing of this flow is live in staging." in again
    assert live_number(actor, staged.pk, None) == 1


def test_a_stranger_finds_none_of_it(client: Client, shop: Workspace, staged: Flow) -> None:
    elsewhere = Workspace.objects.create(slug="elsewhere", name="Elsewhere")
    stranger = person("stranger", elsewhere, "admin")
    assert Membership.objects.filter(user=stranger).count() == 1
    client.force_login(stranger)
    for rest in ("promote/production/", "take-out/production/", f"proposals/{UUID(int=1)}/"):
        assert client.post(address(staged, rest), {"promote": "yes"}).status_code == 404
    assert live_number(owner(shop), staged.pk, None) == 1


def test_a_list_without_rows_says_so_in_the_readers_language(client: Client, shop: Workspace) -> None:
    page = signed_in(client, owner(shop)).get("/admin/flows/deployment/", headers={"Accept-Language": "ko"})
    assert "결과가 없습니다" in page.content.decode()
    assert "No results" not in page.content.decode()
