"""Secrets that we make ourselves: long, random, recognisable by their prefix; only their hash is kept.

They are 256 bits of randomness, so one round of SHA-256 is enough: there is nothing to guess.
"""

import hashlib
import secrets
from typing import Final

TOKEN_PREFIX: Final = "mgl_"
HINT_LENGTH: Final = 8


def new_token(prefix: str = TOKEN_PREFIX) -> str:
    """A secret to be shown once."""
    return prefix + secrets.token_urlsafe(32)


def hash_token(secret: str) -> str:
    """What is kept of it: 64 hex digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hint_of(secret: str) -> str:
    """Its beginning, by which a person recognises it."""
    return secret[:HINT_LENGTH]
