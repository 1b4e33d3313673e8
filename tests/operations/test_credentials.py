import pytest

from flows.errors import BadInput, Forbidden, NotFound
from flows.models import AuditEntry, Credential
from flows.operations.credentials import (
    NameTaken,
    change_credential,
    create_credential,
    delete_credential,
    find_credential,
)
from flows.runtime.sealing import unseal
from tests.cast import Person

VALUES = {"scheme": "bearer", "token": "a-very-secret-token"}


def make(editor: Person, name: str = "pay") -> Credential:
    return create_credential(editor.actor, name=name, kind="http", values=dict(VALUES), hosts=["Pay.example"])


def test_values_are_sealed_and_stand_nowhere_in_the_clear(editor: Person) -> None:
    made = make(editor)
    row = Credential.objects.get(pk=made.pk)
    assert b"secret-token" not in bytes(row.secret)
    assert unseal(row.pk, bytes(row.secret)) == VALUES
    assert row.hosts == ["pay.example"]
    assert "secret-token" not in str(list(AuditEntry.objects.values()))


def test_a_name_belongs_to_one(editor: Person) -> None:
    make(editor)
    with pytest.raises(NameTaken):
        make(editor)


def test_values_never_follow_to_new_hosts(editor: Person) -> None:
    made = make(editor)
    with pytest.raises(BadInput):
        change_credential(editor.actor, made.pk, hosts=["evil.example"])
    changed = change_credential(
        editor.actor, made.pk, hosts=["other.example"], values={"scheme": "bearer", "token": "n"}
    )
    assert changed.hosts == ["other.example"]


def test_values_that_do_not_fit_the_kind_are_refused_without_showing_them(editor: Person) -> None:
    with pytest.raises(BadInput) as refused:
        create_credential(editor.actor, name="x", kind="http", values={"scheme": "basic", "token": "a-secret"})
    assert "a-secret" not in refused.value.message


def test_an_operator_may_not_write_and_a_stranger_finds_nothing(
    editor: Person, operator: Person, stranger: Person
) -> None:
    made = make(editor)
    with pytest.raises(Forbidden):
        delete_credential(operator.actor, made.pk)
    with pytest.raises(NotFound):
        find_credential(stranger.actor, made.pk)


def test_a_deleted_credential_is_gone(editor: Person) -> None:
    made = make(editor)
    delete_credential(editor.actor, made.pk)
    assert not Credential.objects.exists()


def test_the_values_of_a_credential_have_a_limit(editor: Person) -> None:
    with pytest.raises(BadInput, match="bytes"):
        create_credential(editor.actor, name="big", kind="acme", values={"key": "x" * 65_536})
