"""Secrets at rest: AES-256-GCM under a ring of keys, each box bound to what it belongs to.

A box moved to another credential's row does not open (the credential's id is authenticated with it).
The keys are their own, apart from the site's secret key; the first of the ring seals, all of them
open, so a key is changed by putting the new one first and sealing anew. Where keys are kept, and
who may ask, is decided elsewhere.
"""

import hashlib
import os
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flows.errors import MulgilError
from flows.security.safejson import Json, dumps, loads

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
KEY_ID_BYTES: Final = 4
FORMAT: Final = b"\x01"
_HEAD: Final = len(FORMAT) + KEY_ID_BYTES + NONCE_BYTES
TAG_BYTES: Final = 16


class BadKey(MulgilError):
    """Key {place} of MULGIL_CREDENTIAL_KEY cannot be used: {reason}"""

    code = "bad_credential_key"
    hint = "A key is a long random text; several are separated by commas, the newest first."


class CannotOpen(MulgilError):
    """The stored secret cannot be opened: {reason}"""

    code = "secret_unreadable"
    klass = "critical"
    hint = "Put the key it was sealed with back into MULGIL_CREDENTIAL_KEY, or enter the credential again."


class Vault:
    """Seals and opens. Its keys are never shown."""

    __slots__ = ("_first", "_keys")

    def __init__(self, keys: Iterable[bytes]) -> None:
        """`keys`: 32 bytes each, the one that seals first. Raises BadKey."""
        ring = list(keys)
        if not ring:
            raise BadKey(place=1, reason="there is none")
        self._keys = {_key_id(_checked(key, place)): AESGCM(key) for place, key in enumerate(ring, 1)}
        self._first = _key_id(ring[0])

    @classmethod
    def from_phrases(cls, phrases: Iterable[str]) -> "Vault":
        """The vault of secret texts of any form, each long and random already. Raises BadKey."""
        return cls(_key_of(text) for text in phrases)

    def seal(self, value: Json, *, owner: str) -> bytes:
        """A value in a box that opens only for the same `owner` (the id of what it belongs to)."""
        nonce = os.urandom(NONCE_BYTES)
        head = FORMAT + self._first + nonce
        return head + self._keys[self._first].encrypt(nonce, dumps(value).encode(), _bound(head, owner))

    def open(self, box: bytes, *, owner: str) -> Json:
        """The value of a box. Raises CannotOpen for a foreign owner, an unknown key and a changed byte."""
        box = bytes(box)
        if len(box) < _HEAD + TAG_BYTES or not box.startswith(FORMAT):
            raise CannotOpen(reason="it is damaged, or of a newer release")
        head, sealed = box[:_HEAD], box[_HEAD:]
        key = self._keys.get(head[1 : 1 + KEY_ID_BYTES])
        if key is None:
            raise CannotOpen(reason="its key is not among those of this installation")
        try:
            return loads(key.decrypt(head[-NONCE_BYTES:], sealed, _bound(head, owner)))
        except InvalidTag:
            raise CannotOpen(reason="it was changed, or belongs to another credential") from None

    def is_current(self, box: bytes) -> bool:
        """Whether a box was sealed with the first key, so that it need not be sealed anew."""
        return bytes(box).startswith(FORMAT + self._first)

    def __repr__(self) -> str:
        return f"Vault({len(self._keys)} keys)"


def _bound(head: bytes, owner: str) -> bytes:
    return head + owner.encode()


def _key_id(key: bytes) -> bytes:
    """A short name of a key, told beside the box: a digest, from which the key can't be found."""
    return hashlib.blake2b(key, digest_size=KEY_ID_BYTES, person=b"mulgil-key-id").digest()


def _key_of(phrase: str) -> bytes:
    return hashlib.blake2b(phrase.encode(), digest_size=KEY_BYTES, person=b"mulgil-vault").digest()


def _checked(key: bytes, place: int) -> bytes:
    if len(key) != KEY_BYTES:
        raise BadKey(place=place, reason=f"it has {len(key)} bytes instead of {KEY_BYTES}")
    if len(set(key)) == 1:
        raise BadKey(place=place, reason="all its bytes are the same")
    return key
