"""The Korean of the product as it was compiled: what a reader's sentences are looked up in."""

import gettext
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@cache
def korean(part: str = "flows") -> gettext.GNUTranslations:
    """What the part of the product (the folder that holds `locale`) says in Korean."""
    with (ROOT / part / "locale" / "ko" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def compiled(part: str = "flows") -> dict[str, str]:
    """English -> Korean of all that was compiled of the part, without the header (which stands at "")."""
    told: dict[str, str] = korean(part)._catalog  # type: ignore[attr-defined]  # there is no public way to list them
    return {english: text for english, text in told.items() if english}
