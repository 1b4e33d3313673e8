import pytest

from flows.security.credentials import Credential, CredentialRefused, MissingField


def bound(*hosts: str) -> Credential:
    return Credential("payments", "http", {"token": "hush-hush"}, hosts)


@pytest.mark.parametrize(
    ("pattern", "host", "port", "may"),
    [
        ("pay.example", "pay.example", 443, True),
        ("pay.example", "PAY.example.", 8443, True),
        ("pay.example", "evil-pay.example", 443, False),
        ("pay.example", "pay.example.evil.test", 443, False),
        ("pay.example", "sub.pay.example", 443, False),
        ("pay.example:8443", "pay.example", 8443, True),
        ("pay.example:8443", "pay.example", 443, False),
        ("*.pay.example", "eu.pay.example", 443, True),
        ("*.pay.example", "pay.example", 443, False),
        ("*.pay.example", "evilpay.example", 443, False),
        ("127.0.0.1", "127.0.0.1", 80, True),
        ("127.0.0.1", "127.1", 80, False),
        ("[::1]:80", "::1", 80, True),
        ("::1", "[::1]", 80, True),
        ("[::1]:80", "::1", 81, False),
    ],
)
def test_a_credential_goes_to_its_own_hosts_alone(pattern: str, host: str, port: int, may: bool) -> None:
    if may:
        bound(pattern).require(host, port)
    else:
        with pytest.raises(CredentialRefused):
            bound(pattern).require(host, port)


def test_a_credential_without_hosts_goes_nowhere() -> None:
    with pytest.raises(CredentialRefused, match="bound to no host"):
        bound().require("pay.example", 443)


def test_a_credential_never_shows_its_values() -> None:
    credential = bound("pay.example")
    with pytest.raises(CredentialRefused) as refusal:
        credential.require("other.example", 443)
    for text in (repr(credential), str(credential), f"{credential}", str(refusal.value), refusal.value.message):
        assert "hush" not in text


def test_a_missing_field_names_itself_and_the_credential() -> None:
    with pytest.raises(MissingField, match="payments has no field user"):
        bound().text("user")
    with pytest.raises(MissingField):
        Credential("odd", "http", {"token": 5}).text("token")
    assert bound().text("token") == "hush-hush"
    assert bound().get("user", "nobody") == "nobody"


def test_texts_are_secret_however_deep_they_lie() -> None:
    credential = Credential(
        "acme", "acme", {"a": {"token": "one-1234"}, "b": ["two-1234", {"c": "three-1234"}], "n": 1}
    )
    assert sorted(credential.secrets()) == ["one-1234", "three-1234", "two-1234"]
