"""A brake for whoever guesses passwords: on the sign-in page, the admin's, and where one's own is changed.

Decides: how many wrong passwords one address may try, for one name and for all. Refuses to know the pages.
"""

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

WINDOW: Final = 300
FOR_ONE_NAME: Final = 10
FOR_ALL_NAMES: Final = 50


class SlowedBackend(ModelBackend):
    """Django's own, with the brake in front. A right password counts for nothing while it is on."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # type: ignore[override]  # Django hands over keywords alone
        """The user, or None for a wrong password. Raises PermissionDenied after too many."""
        if request is None:
            return super().authenticate(request, **credentials)
        name = str(credentials.get("username", ""))
        refuse_guesser(request, name)
        user = super().authenticate(request, **credentials)
        if user is None:
            count_guess(request, name)
        return user


def refuse_guesser(request: HttpRequest, name: str) -> None:
    """Raise PermissionDenied for who has tried too many wrong passwords lately."""
    if any(cache.get(key, 0) >= most for key, most in _counters(request, name).items()):
        raise PermissionDenied


def count_guess(request: HttpRequest, name: str) -> None:
    """One wrong password more."""
    for key in _counters(request, name):
        cache.add(key, 0, WINDOW)
        cache.incr(key)


def _counters(request: HttpRequest, name: str) -> dict[str, int]:
    address = request.META.get("REMOTE_ADDR", "")
    # A name may hold anything; a key of a cache may not.
    shown = name.lower().encode("utf-8", "replace").hex()[:150]
    return {f"guesses:{address}": FOR_ALL_NAMES, f"guesses:{address}:{shown}": FOR_ONE_NAME}
