"""Environments of a workspace: found, made, changed, and what each gives to the runs that start in it.

A setting is never changed: what an environment gives from now on is a new row, and who started before keeps the old one.
It refuses to know what is live where; who may release there stands in `protection`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from flows.errors import BadInput, Conflict, MulgilError, NotFound
from flows.models import Credential, Environment, Live, Release, Run, Setting
from flows.models.access import Role
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.facts import Around, Facts, facts_of_version
from flows.security import safejson
from flows.security.safejson import Json

FIRST: Final = ("dev", "staging", "production")
DEFAULT: Final = "production"
MOST: Final = 50
MAX_NAME: Final = 40
MAX_NAMES: Final = 500
MAX_VARS: Final = 64 * 1024
# As a foreign key holds it, but before anything is written that would hang in the air.
_HOLD: Final = "SELECT 1 FROM flows_environment WHERE id = %s FOR KEY SHARE"
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


class EnvironmentTaken(Conflict):
    """There is an environment named {name} already."""

    code = "environment_taken"


class EnvironmentInUse(Conflict):
    """{name} can't be deleted: it is the default environment, or something was released or run there."""

    code = "environment_in_use"


class NeededThere(Conflict):
    """{flow} is live in {environment}. {reason}"""

    code = "needed_there"
    hint = "Give it what it needs, or release another version there first."


class NoCredential(Conflict):
    """There is no credential {names} in this workspace for {environment} to use."""

    code = "credential_missing"
    hint = "Create it under this name, or bind the flow's name to another one."


class CredentialBound(Conflict):
    """The credential {name} is bound in {environments}."""

    code = "credential_bound"
    hint = "Bind the names there to another credential first, in the settings of the environments."


@dataclass(frozen=True, slots=True, kw_only=True)
class Releasers:
    """Who may release: user names, roles, groups; nobody named: whoever may publish."""

    users: Sequence[str] = ()
    roles: Sequence[str] = ()
    groups: Sequence[str] = ()


def of_workspace(workspace: UUID) -> list[Environment]:
    """In the order in which versions go through them. A workspace has its first ones from the first look on."""
    rows = Environment.objects.filter(workspace_id=workspace).select_related("setting")
    found = list(rows)
    if not found:
        made = [
            Environment(workspace_id=workspace, name=name, place=place, is_default=name == DEFAULT)
            for place, name in enumerate(FIRST, start=1)
        ]
        Environment.objects.bulk_create(made, ignore_conflicts=True)
        found = list(rows.all())
    return found


def environment_named(workspace: UUID, name: str | None) -> Environment:
    """The environment of this name; without one the default one. Raises NotFound."""
    for one in of_workspace(workspace):
        if one.is_default if name is None else one.name == name:
            return one
    raise NotFound(thing="environment")


def around_of(environment: Environment) -> Around:
    """The environment as runs meet it."""
    own, given = None if environment.is_default else environment.pk, environment.setting
    if given is None:
        return Around(name=environment.name, id=own)
    return Around(
        name=environment.name, id=own, setting=given.pk, vars=vars_of(given), credentials=dict(given.credentials)
    )


def around_named(workspace: UUID, name: str | None) -> Around:
    """Raises NotFound."""
    return around_of(environment_named(workspace, name))


def around_run(workspace: UUID, environment: UUID | None) -> Around:
    """What the environment of a run gives now. Raises NotFound."""
    return around_named(workspace, name_of(environment))


def around_begun(run: UUID) -> Around:
    """What the run was given when it began. Raises NotFound."""
    row = Run.objects.select_related("environment", "setting").only("environment", "setting").filter(pk=run).first()
    if row is None:
        raise NotFound(thing="run")
    name, given = row.environment.name if row.environment else "", row.setting
    bound = dict(given.credentials) if given else {}
    return Around(name=name, id=row.environment_id, setting=row.setting_id, vars=vars_of(given), credentials=bound)


def name_of(environment: UUID | None) -> str | None:
    """The name by which starts and releases ask for the environment of a run; None for the default one. Raises NotFound."""
    if environment is None:
        return None
    name = Environment.objects.values_list("name", flat=True).filter(pk=environment).first()
    if name is None:
        raise NotFound(thing="environment")
    return name


def hold(environment: Environment) -> Environment:
    """The environment as it is now and stays until the transaction ends: nobody changes or deletes it meanwhile.

    What was read of it before may have been changed since. Raises NotFound where it is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [environment.pk])
        if cursor.fetchone() is None:
            raise NotFound(thing="environment")
    return Environment.objects.select_related("setting").get(pk=environment.pk)


def missing_credentials(facts: Facts, environment: Environment) -> list[str]:
    """The credentials that its names mean there and that nobody has made."""
    given = around_of(environment).credentials
    wanted = {given.get(name, name) for name in facts.credentials if environment.is_default or name in given}
    known = Credential.objects.filter(workspace_id=environment.workspace_id, name__in=wanted)
    return sorted(wanted.difference(known.values_list("name", flat=True)))


def check_unbound(workspace: UUID, credential: str) -> None:
    """Whether no environment binds a name to the credential; its row must be locked. Raises CredentialBound."""
    rows = Environment.objects.filter(workspace_id=workspace, setting__isnull=False).select_related("setting")
    bound = [one.name for one in rows if credential in around_of(one).credentials.values()]
    if bound:
        raise CredentialBound(name=credential, environments=", ".join(bound))


def vars_of(setting: Setting | None) -> dict[str, Json]:
    found = safejson.loads(setting.vars) if setting is not None else {}
    assert isinstance(found, dict)  # it was written so
    return found


def list_environments(actor: Actor) -> list[Environment]:
    """In the order in which versions go through them."""
    access.require(actor, Permission.FLOWS_READ)
    return of_workspace(actor.workspace)


def find_environment(actor: Actor, name: str) -> Environment:
    """Raises NotFound."""
    access.require(actor, Permission.FLOWS_READ)
    return environment_named(actor.workspace, name)


@transaction.atomic
def create_environment(actor: Actor, *, name: str, place: int | None = None) -> Environment:
    """A new one, on the way to the others where `place` says, else behind them. Raises EnvironmentTaken, BadInput."""
    access.require(actor, Permission.ENVIRONMENTS_WRITE)
    known = of_workspace(actor.workspace)
    if not 1 <= len(name) <= MAX_NAME or set(name) - _LETTERS or not name[0].isalpha():
        raise BadInput(reason=f"an environment's name has 1 to {MAX_NAME} lower-case letters, digits and dashes")
    if len(known) >= MOST:
        raise BadInput(reason=f"a workspace has at most {MOST} environments")
    behind = max(one.place for one in known) + 1
    made = Environment(workspace_id=actor.workspace, name=name, place=_place(behind if place is None else place))
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise EnvironmentTaken(name=name) from None
    audit.record(actor, "created", f"environment {name}", place=made.place)
    return made


@transaction.atomic
def change_environment(
    actor: Actor,
    name: str,
    *,
    place: int | None = None,
    vars: dict[str, Json] | None = None,  # noqa: A002  # the word of the contract
    credentials: dict[str, str] | None = None,
    releasers: Releasers | None = None,
    needs_second: bool | None = None,
) -> Environment:
    """What isn't given stays. New starts go by the new values at once; runs that go on keep theirs.

    Raises NotFound, BadInput, and NeededThere where something live there would lack what it needs.
    """
    access.require(actor, Permission.ENVIRONMENTS_WRITE)
    found = _locked(actor, name)
    if place is not None:
        found.place = _place(place)
    if releasers is not None:
        found.users, found.groups = _names(releasers.users, 150), _names(releasers.groups, 100)
        found.roles = _roles(releasers.roles)
    if needs_second is not None:
        found.needs_second = needs_second
    changed = _set(actor, found, vars, credentials)
    found.save()
    audit.record(
        actor, "changed", f"environment {found.name}", place=found.place, setting=changed, users=found.users,
        roles=found.roles, groups=found.groups, needs_second=found.needs_second,
    )  # fmt: skip
    return found


@transaction.atomic
def delete_environment(actor: Actor, name: str) -> None:
    """One in which nothing was ever released or run: all others are part of a history. Raises NotFound, EnvironmentInUse.

    Whoever starts or releases there holds its row until that is committed, so what is seen here is all there is.
    """
    access.require(actor, Permission.ENVIRONMENTS_WRITE)
    found = _locked(actor, name)
    if found.is_default or _is_known(found):
        raise EnvironmentInUse(name=name)
    Environment.objects.filter(pk=found.pk).update(setting=None)
    found.delete()
    audit.record(actor, "deleted", f"environment {name}")


def _locked(actor: Actor, name: str) -> Environment:
    known = environment_named(actor.workspace, name)
    found = Environment.objects.select_for_update().filter(pk=known.pk).first()
    if found is None:
        raise NotFound(thing="environment")
    return found


def _is_known(environment: Environment) -> bool:
    """Whether some history speaks of it."""
    released = Release.objects.filter(environment=environment).exists() or environment.proposals.exists()
    return released or Run.objects.filter(workspace_id=environment.workspace_id, environment=environment).exists()


def _set(
    actor: Actor, environment: Environment, values: dict[str, Json] | None, credentials: dict[str, str] | None
) -> dict[str, Any]:
    """Point the environment to what it gives from now on; what changed, for the audit."""
    before = environment.setting
    was = vars_of(before), before.credentials if before is not None else {}
    now = was[0] if values is None else _checked_vars(values), was[1] if credentials is None else credentials
    if now == was:
        return {}
    if credentials is not None:
        _check_credentials(environment.workspace_id, credentials)
    environment.setting = None
    if now != ({}, {}):
        text = safejson.dumps(now[0])
        environment.setting = Setting.objects.create(
            environment=environment, vars=text, credentials=now[1], author_id=actor.user
        )
    _check_live(environment)
    touched = {name for name in {*was[0], *now[0]} if was[0].get(name) != now[0].get(name)}
    return {"vars": sorted(touched), "credentials": now[1]}


def _check_live(environment: Environment) -> None:
    if environment.is_default:
        return  # it is lenient
    there = around_of(environment)
    for live in Live.objects.filter(environment=environment).select_related("flow", "release"):
        for version in (live.release.version_id, live.release.canary_id):
            try:
                if version is not None:
                    facts_of_version(version).within(there)
            except MulgilError as error:
                raise NeededThere(flow=live.flow.name, environment=environment.name, reason=error.message) from None


def _check_credentials(workspace: UUID, credentials: dict[str, str]) -> None:
    if len(credentials) > MAX_NAMES:
        raise BadInput(reason=f"an environment binds at most {MAX_NAMES} credentials")
    _names(credentials, 100)
    known = Credential.objects.filter(workspace_id=workspace, name__in=credentials.values()).order_by("pk")
    # Held until the binding stands, so that none of them is deleted or renamed meanwhile.
    missing = set(credentials.values()) - set(known.select_for_update(no_key=True).values_list("name", flat=True))
    if missing:
        raise BadInput(reason=f"there is no credential {', '.join(sorted(missing))}")


def _checked_vars(values: dict[str, Json]) -> dict[str, Json]:
    _names(values, 100)
    safejson.check(values)
    if len(safejson.dumps(values).encode()) > MAX_VARS:
        raise BadInput(reason=f"the variables of an environment have at most {MAX_VARS} bytes")
    return values


def _names(names: Sequence[str] | dict[str, Any], longest: int) -> list[str]:
    if len(names) > MAX_NAMES or any(not 1 <= len(name) <= longest or "\x00" in name for name in names):
        raise BadInput(reason=f"at most {MAX_NAMES} names of 1 to {longest} characters")
    return list(dict.fromkeys(names))


def _roles(roles: Sequence[str]) -> list[str]:
    unknown = set(roles) - set(Role.values)
    if unknown:
        raise BadInput(reason=f"{', '.join(sorted(unknown))}: known are {', '.join(Role.values)}")
    return list(dict.fromkeys(roles))


def _place(place: int) -> int:
    if not 0 <= place <= 1_000:
        raise BadInput(reason="a place is from 0 to 1000")
    return place
