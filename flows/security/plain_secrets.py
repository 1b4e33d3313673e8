"""What a secret looks like that somebody typed in the clear: by the key it stands under, or by its own shape.

It judges looks alone, and rather overlooks one than calls ordinary text a secret: what holds an expression is none, nor is
a placeholder. What is done about one is not known here.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from flows.security.masking import SHORTEST, is_secret_key

# Keys that end like a secret's and hold a name, a hash or what a server says itself.
_NOT_TYPED: Final = re.compile(r"(?:credential|signature|cookie)s?$", re.IGNORECASE)
_SCHEME: Final = re.compile(r"(?:basic|bearer|token|apikey|digest)\s+", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(
    r"<.*>|\[.*\]|(.)\1*|\.{3}.*|.*(?:\.{3}|…)|(?:my|the|an?)[-_].*|(?:your|change.?me|replace|example|placeholder|dummy).*"
    r"|todo|none|null|undefined",
    re.IGNORECASE | re.DOTALL,
)
# Each begins where no word goes on and has an end, so that no text takes long to look through.
_SHAPES: Final = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,128}"  # Stripe
    r"|gh[pousr]_[A-Za-z0-9]{36,128}|github_pat_[A-Za-z0-9_]{22,128}"
    r"|glpat-[A-Za-z0-9_-]{20,64}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,128}"  # Slack
    r"|A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])"  # AWS
    r"|AIza[A-Za-z0-9_-]{35}"  # Google
    r"|sk-(?:ant-[a-z0-9]{2,12}|proj|svcacct)-[A-Za-z0-9_-]{20,200}|sk-[A-Za-z0-9]{40,64}"
    r"|hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|dop_v1_[a-f0-9]{64}"
    r"|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"  # SendGrid
    r"|eyJ[A-Za-z0-9_-]{10,4096}\.eyJ[A-Za-z0-9_-]{10,4096}\.[A-Za-z0-9_-]{16,1024}"  # a signed JSON Web Token
    r")|-----BEGIN (?:[A-Z]{2,12} ){0,2}PRIVATE KEY-----"
)
_IN_ADDRESS: Final = re.compile(r"://[^/\s:@{}]{1,256}:([^/\s@{}]{1,256})@")
_IN_QUERY: Final = re.compile(r"[?&]([A-Za-z0-9_.-]{1,64})=([^&#\s{}]{4,512})(?=[&#\s]|$)")

Place = tuple[str | int, ...]


def plain_secrets(value: Any, *, by_key: bool = True) -> Iterator[Place]:
    """Where in a value secrets stand in the clear; without `by_key` those alone that show it by their own shape."""
    stack: list[tuple[Place, Any]] = [((), value)]
    while stack:
        place, here = stack.pop()
        if isinstance(here, dict):
            stack += [((*place, key), inner) for key, inner in reversed(here.items())]
        elif isinstance(here, list):
            stack += [((*place, index), inner) for index, inner in reversed(list(enumerate(here)))]
        elif isinstance(here, str) and (_shows(here) or (by_key and place and _is_named(str(place[-1]), here))):
            yield place


def _shows(text: str) -> bool:
    """Whether a text holds what only a secret looks like."""
    if len(text) < SHORTEST:
        return False
    if _SHAPES.search(text) is not None:
        return True
    if any(_is_typed(found[1]) for found in _IN_ADDRESS.finditer(text)):
        return True
    return any(_is_named(found[1], found[2]) for found in _IN_QUERY.finditer(text))


def _is_named(key: str, text: str) -> bool:
    return is_secret_key(key) and _NOT_TYPED.search(key) is None and "{{" not in text and _is_typed(text, key)


def _is_typed(text: str, key: str = "") -> bool:
    """Whether it could be a secret itself rather than an example, a name, or the word for one."""
    plain = _SCHEME.sub("", text.strip(), count=1)
    if len(plain) < SHORTEST or _PLACEHOLDER.fullmatch(plain) is not None or re.search(r"\s", plain) is not None:
        return False
    return _letters(plain) != _letters(key) and not is_secret_key(plain)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
