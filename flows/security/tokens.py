"""Tokens of the API: made once, shown once, kept as a digest.

A token has 256 bits of randomness, so its digest needs neither salt nor slowness: there is nothing
to guess. The checksum lets a typo, and a leak found in a text, be told from a real token without
a look into the database.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Final

PREFIX: Final = "mulgil_"
ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_CHARACTERS: Final = 43  # 62**43 is above 2**256
CHECK_CHARACTERS: Final = 6
SHOWN_CHARACTERS: Final = len(PREFIX) + 6
PATTERN: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_CHARACTERS + CHECK_CHARACTERS}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: `text` for its owner alone, `digest` to keep, `hint` to recognise it by."""

    text: str = field(repr=False)
    digest: str
    hint: str


def make_token() -> NewToken:
    """A fresh token."""
    body = "".join(secrets.choice(ALPHABET) for _place in range(RANDOM_CHARACTERS))
    text = f"{PREFIX}{body}{_checksum(body)}"
    return NewToken(text, digest(text), text[:SHOWN_CHARACTERS])


def digest(text: str) -> str:
    """What is kept of a token, and looked up by: SHA-256 in hex."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def is_wellformed(text: str) -> bool:
    """Whether a text could be a token of ours; saves a look-up for what could not."""
    if not PATTERN.fullmatch(text):
        return False
    body = text[len(PREFIX) : -CHECK_CHARACTERS]
    return hmac.compare_digest(text[-CHECK_CHARACTERS:], _checksum(body))


def matches(text: str, kept: str) -> bool:
    """Whether a token is the one of a kept digest, in a time that tells nothing of it."""
    return hmac.compare_digest(digest(text), kept)


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    characters = []
    for _place in range(CHECK_CHARACTERS):
        number, rest = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[rest])
    return "".join(reversed(characters))
