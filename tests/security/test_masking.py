import base64
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.security.masking import MASK, Masker, is_secret_key

SECRET = 'pä$$ wörd/+"x'


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"https://x.example/?k={quote(SECRET)}",
        f"https://x.example/?k={quote(SECRET, safe='')}",
        f"k={quote_plus(SECRET)}",
        urlencode({"k": SECRET}),
        json.dumps({"k": SECRET}),
        json.dumps({"k": SECRET}, ensure_ascii=False),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
    ],
)
def test_a_known_secret_is_hidden_in_every_spelling_it_travels_in(text: str) -> None:
    masked = Masker([SECRET]).text(text)
    assert MASK in masked
    assert "rd" not in masked.replace("http", "")


@given(st.binary(max_size=7), st.binary(max_size=7), st.text(min_size=6, max_size=40))
def test_a_secret_inside_base64_is_hidden_wherever_it_begins(before: bytes, after: bytes, secret: str) -> None:
    raw = before + secret.encode("utf-8", "surrogatepass") + after
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert MASK in Masker([secret]).text(encode(raw).decode())


def test_a_secret_that_holds_another_is_hidden_whole() -> None:
    assert Masker(["hush", "hush-hush-hush"]).text("a hush-hush-hush b hush") == f"a {MASK} b {MASK}"


def test_a_secret_too_short_to_be_one_masks_nothing() -> None:
    assert Masker(["a", "", "abc"]).text("abc a banana") == "abc a banana"


@pytest.mark.parametrize(
    "key",
    [
        "password", "Password", "db_password", "userPassword", "secret", "client_secret", "clientSecret", "api_key", "apiKey",
        "API-Key", "X-Api-Key", "Authorization", "Proxy-Authorization", "access_token", "refreshToken", "id_token", "Cookie",
        "Set-Cookie", "private_key", "passphrase", "Stripe-Signature", "credentials", "aws_secret_access_key",
    ],
)  # fmt: skip
def test_a_key_that_names_a_secret_is_known(key: str) -> None:
    assert is_secret_key(key)


@pytest.mark.parametrize(
    "key", ["total_tokens", "max_tokens", "key", "name", "monkey", "author", "pass", "signed_at", "next_token"]
)
def test_an_ordinary_key_is_left_alone(key: str) -> None:
    assert not is_secret_key(key)


def test_json_is_masked_by_key_and_by_value_at_any_depth() -> None:
    value = {"a": [{"Password": {"deep": 1}, "ok": f"x {SECRET}"}], "token": 12345, "secret": None, SECRET: 1, "n": 1.5}
    masked = Masker([SECRET]).json(value)
    assert masked == {"a": [{"Password": MASK, "ok": f"x {MASK}"}], "token": MASK, "secret": None, MASK: 1, "n": 1.5}
    assert value["token"] == 12345
