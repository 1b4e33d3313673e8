"""Credentials: secrets go in, encrypted and bound to their row, and never come out here."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from flows.dsl.durations import UNITS, parse_duration
from flows.errors import BadInput, Conflict, NotFound
from flows.models import Credential
from flows.models.base import new_id
from flows.nodes.credential_kinds import check_credential
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import check_unbound
from flows.operations.pages import Page, page_of
from flows.runtime.sealing import seal
from flows.security import safejson
from flows.security.safejson import Json

MAX_HOSTS: Final = 50
MAX_SECRET: Final = 64 * 1024
MAX_RATE: Final = 1_000_000
MAX_PER: Final = 30 * 86_400 * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often what a credential opens may be asked: `limit` times in `per`, a duration."""

    limit: int
    per: str


class NameTaken(Conflict):
    """There is a credential named {name} already."""

    code = "name_taken"


def list_credentials(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Credential]:
    """Names, kinds and hosts; never a value."""
    access.require(actor, Permission.CREDENTIALS_READ)
    return page_of(Credential.objects.filter(workspace_id=actor.workspace).defer("secret"), cursor=cursor, limit=limit)


def find_credential(actor: Actor, credential: UUID) -> Credential:
    access.require(actor, Permission.CREDENTIALS_READ)
    found = Credential.objects.filter(pk=credential, workspace_id=actor.workspace).defer("secret").first()
    if found is None:
        raise NotFound(thing="credential")
    return found


def create_credential(
    actor: Actor,
    *,
    name: str,
    kind: str,
    values: dict[str, Json],
    hosts: list[str] | None = None,
    rate: Rate | None = None,
) -> Credential:
    """Raises NameTaken, BadInput."""
    access.require(actor, Permission.CREDENTIALS_WRITE)
    made = Credential(id=new_id(), workspace_id=actor.workspace, name=_checked(name, 100, "name"))
    made.kind, made.hosts, made.created_by_id = _checked(kind, 40, "kind"), _hosts(hosts or []), actor.user
    made.secret = _sealed(made, values)
    _pace(made, rate)
    _save(made)
    audit.record(actor, "created", f"credential {made.name}", kind=made.kind, hosts=made.hosts)
    return made


@transaction.atomic
def change_credential(
    actor: Actor,
    credential: UUID,
    *,
    name: str | None = None,
    values: dict[str, Json] | None = None,
    hosts: list[str] | None = None,
    rate: Rate | None = None,
    unpaced: bool = False,
) -> Credential:
    """Rename it, bind it to other hosts (which asks for its values again), or replace its values.

    A credential's old values never follow to new hosts: who may edit it could have them sent anywhere. Raises NotFound,
    NameTaken, BadInput, and CredentialBound for another name where an environment binds names to this one.
    """
    access.require(actor, Permission.CREDENTIALS_WRITE)
    found = _locked(actor, credential)
    if name is not None and (cleaned := _checked(name, 100, "name")) != found.name:
        check_unbound(actor.workspace, found.name)
        found.name = cleaned
    if hosts is not None and not set(_hosts(hosts)) <= set(found.hosts) and values is None:
        raise BadInput(reason="send the values again to bind the credential to more hosts")
    if hosts is not None:
        found.hosts = _hosts(hosts)
    if values is not None:
        found.secret = _sealed(found, values)
    if rate is not None or unpaced:
        _pace(found, rate)
    _save(found)
    audit.record(actor, "changed", f"credential {found.name}", values=values is not None, hosts=found.hosts)
    return found


@transaction.atomic
def delete_credential(actor: Actor, credential: UUID) -> None:
    """Raises NotFound, and CredentialBound where an environment binds names to it."""
    access.require(actor, Permission.CREDENTIALS_WRITE)
    found = _locked(actor, credential)
    check_unbound(actor.workspace, found.name)
    found.delete()
    audit.record(actor, "deleted", f"credential {found.name}")


def _locked(actor: Actor, credential: UUID) -> Credential:
    find_credential(actor, credential)
    found = Credential.objects.select_for_update().filter(pk=credential).first()
    if found is None:
        raise NotFound(thing="credential")
    return found


def _pace(credential: Credential, rate: Rate | None) -> None:
    credential.rate_at = None
    if rate is None:
        credential.rate_limit = credential.rate_per = None
        return
    if not 1 <= rate.limit <= MAX_RATE:
        raise BadInput(reason=f"a rate has a limit from 1 to {MAX_RATE}")
    try:
        per = parse_duration(rate.per)
    except ValueError:
        per = 0
    if not 1_000 <= per <= MAX_PER:
        raise BadInput(reason="a rate is per 1ms to 30d, such as 1s, 1m or 1h")
    credential.rate_limit, credential.rate_per = rate.limit, timedelta(microseconds=per)


def rate_of(credential: Credential) -> Rate | None:
    """The credential's rate, its time in the largest unit that tells it whole."""
    if credential.rate_limit is None or credential.rate_per is None:
        return None
    per = credential.rate_per // timedelta(microseconds=1)
    unit, size = next((unit, size) for unit, size in reversed(UNITS.items()) if per % size == 0)
    return Rate(limit=credential.rate_limit, per=f"{per // size}{unit}")


def _sealed(credential: Credential, values: dict[str, Json]) -> bytes:
    checked = check_credential(credential.kind, values)
    if len(safejson.dumps(checked).encode()) > MAX_SECRET:
        raise BadInput(reason=f"the values of a credential have at most {MAX_SECRET} bytes")
    return seal(credential.pk, checked)


def _save(credential: Credential) -> None:
    try:
        with transaction.atomic():
            credential.save()
    except IntegrityError:
        raise NameTaken(name=credential.name) from None


def _checked(text: str, longest: int, what: str) -> str:
    cleaned = text.strip()
    if not 1 <= len(cleaned) <= longest:
        raise BadInput(reason=f"a credential needs a {what} of at most {longest} characters")
    return cleaned


def _hosts(hosts: list[str]) -> list[str]:
    cleaned = [host.strip().lower() for host in hosts if host.strip()]
    if len(cleaned) > MAX_HOSTS or any(len(host) > 255 for host in cleaned):
        raise BadInput(reason=f"a credential is bound to at most {MAX_HOSTS} hosts of 255 characters")
    return cleaned
