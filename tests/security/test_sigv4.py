"""Signature Version 4 against the vectors that AWS publishes: its test suite, and the example of its guide."""

import pytest

from flows.security.sigv4 import SigningKey, signed

AT = 1_440_938_160_000_000  # 2015-08-30T12:36:00Z
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SUITE = SigningKey("AKIDEXAMPLE", SECRET, "us-east-1", "service")
IAM = SigningKey("AKIDEXAMPLE", SECRET, "us-east-1", "iam")
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("method", "url", "headers", "key", "signature"),
    [
        ("GET", "https://example.amazonaws.com/", {}, SUITE, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "https://example.amazonaws.com/", {}, SUITE, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", {}, SUITE, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        ("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", FORM, IAM, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
    ],
    ids=["get-vanilla", "post-vanilla", "get-vanilla-query-order-key-case", "the guide's ListUsers"],
)  # fmt: skip
def test_the_published_vectors(method: str, url: str, headers: dict[str, str], key: SigningKey, signature: str) -> None:
    said = signed(method, url, headers, b"", key=key, at=AT)
    assert said["X-Amz-Date"] == "20150830T123600Z"
    assert said["Authorization"].endswith(f"Signature={signature}")


def test_the_token_of_a_session_is_sent_and_signed_and_no_secret_is_shown() -> None:
    key = SigningKey("AKIDEXAMPLE", SECRET, "us-east-1", "service", "t0ken")
    said = signed("POST", "https://example.amazonaws.com/", {}, b"{}", key=key, at=AT)
    assert said["X-Amz-Security-Token"] == "t0ken"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token," in said["Authorization"]
    assert "t0ken" not in repr(key)
    assert SECRET not in repr(key)
