"""What is wrong with a document, in the eyes of this installation and this workspace."""

from collections.abc import Sequence
from typing import Final

from django.contrib.auth import get_user_model

from flows.dsl.read import read_document
from flows.dsl.validate import Problem, validate
from flows.engine.integrity import Finding, Surroundings, examine
from flows.models import Credential, Environment, Flow, Group, Membership
from flows.nodes.installed import catalogue
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.ways_back import ways_back
from flows.security.safejson import Json

__all__ = ["Finding", "Problem", "findings_of", "problems_of", "surroundings", "unplannable", "validate_document"]

# Problems that a plan can be made in spite of.
_PLANNABLE: Final = frozenset(
    {"unreachable", "missing_credential", "unknown_credential", "needless_credential", "unknown_pin", "bad_test"}
)


def validate_document(actor: Actor, document: Json) -> Sequence[Problem]:
    """Every problem of a document, all at once; none means that it can be published."""
    access.require(actor, Permission.FLOWS_READ)
    return problems_of(actor, document)


def problems_of(actor: Actor, document: Json) -> Sequence[Problem]:
    names = set(Credential.objects.filter(workspace_id=actor.workspace).values_list("name", flat=True))
    # A name that an environment says the meaning of needn't be a credential's own.
    own = Environment.objects.filter(workspace_id=actor.workspace, setting__isnull=False)
    names.update(*own.values_list("setting__credentials", flat=True))
    return validate(document, catalogue(), credentials=names)


def surroundings(actor: Actor, document: Json, flow: Flow | None = None) -> Surroundings:
    """What the integrity report may know of the workspace a flow is in, and of the flows its document calls."""
    members = Membership.objects.filter(workspace_id=actor.workspace, user__is_active=True)
    users = members.values_list(f"user__{get_user_model().USERNAME_FIELD}", flat=True)
    groups = Group.objects.filter(workspace_id=actor.workspace).values_list("name", flat=True)
    own = frozenset({str(flow.pk), flow.name}) if flow is not None else frozenset()
    return Surroundings(
        flow=own, users=frozenset(users), groups=frozenset(groups), ways_back=ways_back(actor, document, flow)
    )


def findings_of(
    document: Json, problems: Sequence[Problem], around_it: Surroundings | None = None
) -> Sequence[Finding]:
    """The integrity report: what a crash at each point would do to the flow. It keeps nothing from being published.

    Nothing is said of a document whose problems keep it from being a plan; they come first.
    """
    if unplannable(problems):
        return []
    return examine(read_document(document), catalogue(), around_it or Surroundings())


def unplannable(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Those of them that keep the document from being a plan: it can't even be simulated."""
    return [one for one in problems if one.code not in _PLANNABLE]
