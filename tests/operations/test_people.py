import pytest
from django.contrib.auth.models import User

from flows.errors import BadInput, Forbidden, NotFound
from flows.models import AuditEntry, Membership, Token
from flows.operations.members import LastAdmin, accept_invitation, change_role, deactivate, invite
from flows.operations.profiles import WrongPassword, change_password, set_preferences
from flows.operations.signing_in import BadToken, NoWorkspace, actor_of_session, actor_of_token
from flows.operations.tokens import create_token, list_tokens, revoke_token
from flows.operations.workspaces import SlugTaken, change_workspace, create_workspace
from tests.cast import Person


def member_of(person: Person) -> Membership:
    return Membership.objects.get(user_id=person.actor.user, workspace_id=person.actor.workspace)


def test_only_the_digest_of_a_token_is_kept(editor: Person) -> None:
    made = create_token(editor.actor, name="ci")
    assert made.secret not in str(Token.objects.filter(pk=made.token.pk).values())
    assert actor_of_token(made.secret).actor == editor.actor


def test_a_revoked_token_opens_nothing(editor: Person) -> None:
    made = create_token(editor.actor, name="ci")
    revoke_token(editor.actor, made.token.pk)
    with pytest.raises(BadToken):
        actor_of_token(made.secret)


def test_with_a_token_end_all_that_were_made_with_it(editor: Person) -> None:
    first = create_token(editor.actor, name="first")
    second = create_token(editor.actor, name="second", by=first.token.pk)
    third = create_token(editor.actor, name="third", by=second.token.pk)
    other = create_token(editor.actor, name="other")
    revoke_token(editor.actor, first.token.pk)
    for made in (first, second, third):
        with pytest.raises(BadToken):
            actor_of_token(made.secret)
    assert actor_of_token(other.secret).actor == editor.actor


def test_a_token_never_makes_a_wider_one(editor: Person) -> None:
    narrow = create_token(editor.actor, name="n", scopes=["runs:read", "tokens:own"])
    actor = actor_of_token(narrow.secret).actor
    for scopes in ([], ["flows:write"]):
        with pytest.raises(Forbidden):
            create_token(actor, name="wider", scopes=scopes)
    assert create_token(actor, name="same", scopes=["runs:read"]).token.scopes == ["runs:read"]


def test_one_sees_ones_own_tokens_and_an_admin_all(admin: Person, editor: Person) -> None:
    assert {token.user_id for token in list_tokens(editor.actor).rows} == {editor.actor.user}
    assert len({token.user_id for token in list_tokens(admin.actor).rows}) == 2


def test_a_role_taken_back_is_felt_at_once(admin: Person, editor: Person) -> None:
    change_role(admin.actor, member_of(editor).pk, role="viewer")
    assert actor_of_token(editor.token).actor.role == "viewer"


def test_who_is_put_out_is_out(admin: Person, editor: Person) -> None:
    deactivate(admin.actor, member_of(editor).pk)
    with pytest.raises(BadToken):
        actor_of_token(editor.token)
    assert editor.actor.user is not None
    with pytest.raises(NoWorkspace):
        actor_of_session(editor.actor.user)


def test_the_last_admin_stays(admin: Person, editor: Person) -> None:
    with pytest.raises(LastAdmin):
        deactivate(admin.actor, member_of(admin).pk)
    with pytest.raises(LastAdmin):
        change_role(admin.actor, member_of(admin).pk, role="viewer")
    assert member_of(admin).role == "admin"


def test_an_invitation_lets_a_new_user_in_once(admin: Person) -> None:
    made = invite(admin.actor, email="new@mulgil.example", role="operator")
    member = accept_invitation(made.secret, username="newcomer", password="water-flows-down-1")
    assert (member.role, member.user.get_username()) == ("operator", "newcomer")
    with pytest.raises(NotFound):
        accept_invitation(made.secret, username="another", password="water-flows-down-1")


def test_an_editor_invites_nobody(editor: Person) -> None:
    with pytest.raises(Forbidden):
        invite(editor.actor, email="new@mulgil.example", role="admin")


def test_a_session_uses_the_workspace_named_and_then_remembers_it(editor: Person) -> None:
    assert editor.actor.user is not None
    second = create_workspace(editor.actor.user, name="Second")
    assert actor_of_session(editor.actor.user).workspace == editor.actor.workspace
    assert actor_of_session(editor.actor.user, workspace="second").role == "admin"
    assert actor_of_session(editor.actor.user).workspace == second.pk


def test_a_foreign_workspace_is_not_found(editor: Person, stranger: Person) -> None:
    assert editor.actor.user is not None
    for workspace in (str(stranger.actor.workspace), "elsewhere", "nowhere"):
        with pytest.raises(NotFound):
            actor_of_session(editor.actor.user, workspace=workspace)
        with pytest.raises(NotFound):
            actor_of_token(editor.token, workspace=workspace)


def test_a_workspace_address_belongs_to_one(editor: Person) -> None:
    assert editor.actor.user is not None
    with pytest.raises(SlugTaken):
        create_workspace(editor.actor.user, name="Home")


def test_retention_is_the_admins_to_set(admin: Person, editor: Person) -> None:
    assert change_workspace(admin.actor, admin.actor.workspace, retention_days=7).retention_days == 7
    with pytest.raises(Forbidden):
        change_workspace(editor.actor, editor.actor.workspace, retention_days=7)


def test_ones_own_password_takes_the_old_one(editor: Person) -> None:
    user = User.objects.get(pk=editor.actor.user)
    user.set_password("water-flows-down-1")
    user.save()
    with pytest.raises(WrongPassword):
        change_password(user.pk, old="guess", new="water-flows-down-2")
    with pytest.raises(BadInput):
        change_password(user.pk, old="water-flows-down-1", new="short")
    change_password(user.pk, old="water-flows-down-1", new="water-flows-down-2")
    user.refresh_from_db()
    assert user.check_password("water-flows-down-2")
    assert AuditEntry.objects.filter(subject="own password").exists()


def test_language_and_theme_are_those_offered(editor: Person) -> None:
    assert editor.actor.user is not None
    assert set_preferences(editor.actor.user, language="ko", theme="dark").language == "ko"
    with pytest.raises(BadInput):
        set_preferences(editor.actor.user, language="xx")


@pytest.mark.parametrize(("name", "password"), [("a" * 151, "water-flows-down-1"), ("newcomer", "w" * 4_097)])
def test_a_name_or_password_too_long_is_refused(admin: Person, name: str, password: str) -> None:
    made = invite(admin.actor, email="new@mulgil.example", role="operator")
    with pytest.raises(BadInput):
        accept_invitation(made.secret, username=name, password=password)
