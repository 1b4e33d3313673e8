"""Keeping secrets out of what is shown: logs, errors, inputs and outputs of steps.

Two rules: a known secret (the values of the credential a step used) is hidden wherever it stands, in
the spellings it travels in; and the value of a key that names a secret is hidden whatever it is.
What is masked and when is decided by whoever shows it.
"""

import base64
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from operator import is_
from typing import Final
from urllib.parse import quote, quote_plus

from flows.security.safejson import Json

MASK: Final = "••••••"
SHORTEST: Final = 4
"""Characters; a shorter secret would mask ordinary text, and is no secret."""

_WORDS: Final = (
    "password|passwd|passphrase|pwd|secret|token|apikey|authorization|credential|privatekey|accesskey|signature|"
    "cookie|setcookie|sessionid|xapikey|clientsecret|connectionstring"
)
# Keys that end in such a word, however they are written: api_key, API-Key, apiKey, x-api-key, accessToken.
SECRET_KEY: Final = re.compile(rf"(?:{_WORDS})s?$")
REMEMBERED_LENGTH: Final = 64
"""Characters; longer keys are data rather than names, and aren't kept in memory."""
_NESTED: Final = frozenset({dict, list})
_PLAIN_KEY: Final = re.compile(r"[^a-z0-9]")
# Ends alike, but counts or names: the number of tokens used is no token.
_HARMLESS: Final = frozenset({"maxtokens", "prompttokens", "completiontokens", "totaltokens", "nexttoken", "tokens"})


def is_secret_key(key: str) -> bool:
    """Whether a key names a secret by its look."""
    return _looked_at(key) if len(key) <= REMEMBERED_LENGTH else _looks_secret(key)


def _looks_secret(key: str) -> bool:
    plain = _PLAIN_KEY.sub("", key.lower())
    return plain not in _HARMLESS and SECRET_KEY.search(plain) is not None


# The same few keys come again and again, one per field of every step of every run.
_looked_at = lru_cache(maxsize=4_096)(_looks_secret)


class Masker:
    """Hides a fixed set of secrets. Made once per step; cheap when there is nothing to hide."""

    __slots__ = ("_pattern",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        # The longest first, so that a secret that contains another is hidden whole.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """The text with every known secret hidden."""
        return self._pattern.sub(MASK, text) if self._pattern is not None else text

    def json(self, value: Json) -> Json:
        """The value with known secrets and the values of secret-looking keys hidden; unchanged parts are shared."""
        if self._pattern is None:
            return value if _names_no_secret(value) else _by_key(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self._member(key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.json(inner) for inner in value]
        return value

    def _member(self, key: str, value: Json) -> Json:
        return MASK if _is_hidden(key, value) else self.json(value)


def _is_hidden(key: str, value: Json) -> bool:
    return is_secret_key(key) and not (value is None or isinstance(value, bool) or value in ("", [], {}))


def _names_no_secret(value: Json) -> bool:
    """Whether no key in it hides what it holds: so of most that is shown, which is then the value itself."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if is_secret_key(key) and _is_hidden(key, inner):
                return False
            if type(inner) in _NESTED and not _names_no_secret(inner):
                return False
    elif isinstance(value, list):
        return all(_names_no_secret(inner) for inner in value if type(inner) in _NESTED)
    return True


def _by_key(value: Json) -> Json:
    """As `Masker.json` with no secret known; unchanged parts are shared."""
    if isinstance(value, dict):
        hidden = {
            key: shown
            for key, inner in value.items()
            if (shown := MASK if _is_hidden(key, inner) else _by_key(inner)) is not inner
        }
        return value | hidden if hidden else value
    if isinstance(value, list):
        shown_items = [_by_key(inner) for inner in value]
        return value if all(map(is_, shown_items, value)) else shown_items
    return value


def _forms(secret: str) -> set[str]:
    """The spellings in which a secret travels: plain, percent-encoded, in JSON, in hex and in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    forms = {secret, quote(raw, safe=""), quote(raw), quote_plus(raw), raw.hex(), raw.hex().upper()}
    forms.update(json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.add(_inner_base64(raw, offset, encode(b"\0" * offset + raw).decode()))
    return {form for form in forms if len(form) >= SHORTEST}


def _inner_base64(raw: bytes, offset: int, encoded: str) -> str:
    """The characters of a base64 text that depend on the secret alone, wherever in the text it begins."""
    first = (0, 2, 3)[offset]
    rest = (offset + len(raw)) % 3
    last = len(encoded) - (0, 3, 2)[rest]
    return encoded[first:last]
