"""The vault of this installation: how a credential's values are kept in its row. Its keys come from the settings."""

from functools import lru_cache
from uuid import UUID

from django.conf import settings

from flows.security.safejson import Json
from flows.security.vault import Vault


def seal(credential: UUID, values: dict[str, Json]) -> bytes:
    """The values in a box that opens only for this credential."""
    return _vault(tuple(settings.MULGIL["credential_keys"])).seal(values, owner=str(credential))


def unseal(credential: UUID, box: bytes) -> dict[str, Json]:
    """Undo of `seal`. Raises CannotOpen."""
    values = _vault(tuple(settings.MULGIL["credential_keys"])).open(box, owner=str(credential))
    assert isinstance(values, dict)  # nothing else is ever sealed
    return values


@lru_cache(maxsize=4)
def _vault(phrases: tuple[str, ...]) -> Vault:
    return Vault.from_phrases(phrases)
