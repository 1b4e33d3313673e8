"""What a user sets for themselves: language, theme, keys, password.

Refuses to know the editor's commands: their names are kept as they come, only the keys are looked at.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from flows.errors import BadInput
from flows.models import AuditEntry, Profile

THEMES: Final = frozenset({"auto", "light", "dark"})

# As the editor writes the keys of a command: `Mod+Shift+Z`, `ArrowLeft`, `?`, `Mod++`.
CHORD: Final = re.compile(r"(?:Mod\+)?(?:Alt\+)?(?:Shift\+)?([^\s\x00-\x1f]|[A-Z][A-Za-z0-9]{1,23})")
# Tab moves the focus wherever one is; the others are no keys by themselves.
NEVER: Final = frozenset({"Tab", "Shift", "Alt", "Control", "Meta", "Mod"})


class WrongPassword(BadInput):
    """The present password is another one."""

    code = "wrong_password"


def profile_of(user: int) -> Profile:
    """The user's profile; one that was never changed holds the defaults."""
    return Profile.objects.filter(user_id=user).first() or Profile(user_id=user)


def set_preferences(
    user: int,
    *,
    language: str | None = None,
    theme: str | None = None,
    keys: Mapping[str, Sequence[str]] | None = None,
) -> Profile:
    """Keys take the place of all that were set before.

    Raises BadInput for a language or theme that isn't offered, and for keys that no command may have.
    """
    if language is not None and language not in dict(settings.LANGUAGES):
        raise BadInput(reason=f"{language!r} is not a language; known are {', '.join(dict(settings.LANGUAGES))}")
    if theme is not None and theme not in THEMES:
        raise BadInput(reason=f"{theme!r} is not a theme; known are {', '.join(sorted(THEMES))}")
    for chord in (chord for chords in (keys or {}).values() for chord in chords):
        if (found := CHORD.fullmatch(chord)) is None or found[1] in NEVER:
            raise BadInput(reason=f"{chord!r} can't be the keys of a command")
    asked = {"language": language, "theme": theme, "keys": keys}
    changed = {name: value for name, value in asked.items() if value is not None}
    profile, _ = Profile.objects.update_or_create(user_id=user, defaults=changed)
    return profile


@transaction.atomic
def change_password(user: int, *, old: str, new: str) -> None:
    """Set a new password for oneself. Raises WrongPassword, BadInput for a weak one."""
    found = get_user_model().objects.select_for_update().get(pk=user)
    if not found.check_password(old):
        raise WrongPassword
    try:
        validate_password(new, user=found)
    except ValidationError as error:
        raise BadInput(reason=" ".join(error.messages)) from None
    found.set_password(new)
    found.save(update_fields=["password"])
    AuditEntry.objects.create(
        workspace=None, user_id=user, actor=found.get_username(), verb="changed", subject="own password"
    )
