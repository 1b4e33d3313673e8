import pytest

from flows.security.vault import BadKey, CannotOpen, Vault

OLD, NEW = "the old key, long and random enough", "the new key, long and random enough"
SECRET = {"token": "hush-hush", "names": ["가", 1, None]}


def test_what_is_sealed_opens_for_its_owner() -> None:
    vault = Vault.from_phrases([OLD])
    box = vault.seal(SECRET, owner="credential-1")
    assert b"hush" not in box
    assert vault.open(box, owner="credential-1") == SECRET
    assert vault.open(memoryview(box), owner="credential-1") == SECRET  # type: ignore[arg-type]  # as a database gives it


def test_a_box_moved_to_another_credential_does_not_open() -> None:
    vault = Vault.from_phrases([OLD])
    with pytest.raises(CannotOpen):
        vault.open(vault.seal(SECRET, owner="credential-1"), owner="credential-2")


def test_any_changed_byte_is_noticed() -> None:
    vault = Vault.from_phrases([OLD])
    box = vault.seal({"a": 1}, owner="x")
    for place in range(len(box)):
        changed = box[:place] + bytes([box[place] ^ 1]) + box[place + 1 :]
        with pytest.raises(CannotOpen):
            vault.open(changed, owner="x")
    for cut in range(len(box)):
        with pytest.raises(CannotOpen):
            vault.open(box[:cut], owner="x")


def test_the_same_secret_never_gives_the_same_box() -> None:
    vault = Vault.from_phrases([OLD])
    assert len({vault.seal(SECRET, owner="x") for _try in range(100)}) == 100


def test_a_key_is_changed_by_putting_the_new_one_first() -> None:
    before = Vault.from_phrases([OLD])
    box = before.seal(SECRET, owner="x")
    during = Vault.from_phrases([NEW, OLD])
    assert during.open(box, owner="x") == SECRET
    assert not during.is_current(box)
    again = during.seal(SECRET, owner="x")
    assert during.is_current(again)
    after = Vault.from_phrases([NEW])
    assert after.open(again, owner="x") == SECRET
    with pytest.raises(CannotOpen, match="not among those"):
        after.open(box, owner="x")


def test_a_bad_key_names_its_place_and_never_itself() -> None:
    with pytest.raises(BadKey, match="there is none"):
        Vault([])
    with pytest.raises(BadKey, match=r"Key 2 .* 5 bytes") as refusal:
        Vault([bytes(range(32)), b"short"])
    assert "short" not in refusal.value.message
    with pytest.raises(BadKey, match="the same"):
        Vault([b"\0" * 32])
    assert OLD not in repr(Vault.from_phrases([OLD]))
