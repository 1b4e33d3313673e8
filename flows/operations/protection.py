"""Who may release into an environment, and what needs a second person there.

A version that was live in an environment before was looked at: going back to it never waits. What becomes of a release that
has to wait is decided in `proposals`.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from flows.errors import Conflict, Forbidden
from flows.models import Environment, Flow, Membership, Release, Version
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.asked import groups_of


class NotReleaser(Forbidden):
    """You are not among those who may release into {environment}."""

    code = "not_releaser"
    hint = "Ask one of the people named in the environment's settings."


class SecondNeeded(Conflict):
    """Version {version} was never live in {environment}, which asks for a second pair of eyes."""

    code = "second_needed"
    hint = "Propose it; someone else who may release there approves it."


def may_release(actor: Actor, environment: Environment) -> bool:
    """Whether the actor is among those who may release there. The product itself (a guard, a command line) is."""
    return environment.pk in releasable(actor, [environment])


def releasable(actor: Actor, environments: Sequence[Environment]) -> set[UUID]:
    """Those of the actor's workspace that the actor may release into: one look for all of them."""
    if not access.may(actor, Permission.FLOWS_PUBLISH):
        return set()
    found = {one.pk for one in environments if actor.user is None or not _is_reserved(one) or actor.role in one.roles}
    asked = [one for one in environments if one.pk not in found]
    if not asked or actor.user is None:
        return found
    members = Membership.objects.filter(workspace_id=actor.workspace, user_id=actor.user, user__is_active=True)
    member = members.select_related("user").first()
    if member is None:
        return found
    name, groups = member.user.get_username(), set(groups_of(actor.workspace, actor.user))
    return found | {one.pk for one in asked if name in one.users or groups.intersection(one.groups)}


def require_releaser(actor: Actor, environment: Environment) -> None:
    """Raises Forbidden, NotReleaser."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    if not may_release(actor, environment):
        raise NotReleaser(environment=environment.name)


def needs_second(flow: Flow, environment: Environment, version: Version) -> bool:
    """Whether a second person has to look at this version before it is live there."""
    return environment.needs_second and not was_live(flow.pk, environment, version)


def check_release(actor: Actor, flow: Flow, environment: Environment, version: Version) -> None:
    """Raises Forbidden, NotReleaser, SecondNeeded."""
    require_releaser(actor, environment)
    if needs_second(flow, environment, version):
        raise SecondNeeded(version=version.number, environment=environment.name)


def check_put_on(actor: Actor, flow: UUID, environment: Environment, version: Version) -> None:
    """Whether runs that others began there may be put on this version of the flow. What was live there may; what never was
    is for those who may release it there, where somebody says who that is. Raises Forbidden, NotReleaser, SecondNeeded.
    """
    if not (environment.needs_second or _is_reserved(environment)) or was_live(flow, environment, version):
        return
    require_releaser(actor, environment)
    if environment.needs_second:
        raise SecondNeeded(version=version.number, environment=environment.name)


def was_live(flow: UUID, environment: Environment, version: Version) -> bool:
    """Whether starts of the flow there have gone by this version, as the live one or as a canary."""
    before = Release.objects.filter(flow_id=flow, environment=environment)
    return before.filter(Q(version=version) | Q(canary=version)).exists()


def was_live_for_all(flow: UUID, environment: Environment, version: Version) -> bool:
    """Whether it was the live version there: one that was only tried as a canary was not."""
    return Release.objects.filter(flow_id=flow, environment=environment, version=version).exists()


def _is_reserved(environment: Environment) -> bool:
    """Whether it names who may release there."""
    return bool(environment.users or environment.roles or environment.groups)
