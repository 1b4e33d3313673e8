"""What is wrong with a document, in the eyes of this installation and this workspace."""

from collections.abc import Sequence

from flows.dsl.validate import Problem, validate
from flows.models import Credential
from flows.nodes.installed import catalogue
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.security.safejson import Json

__all__ = ["Problem", "problems_of", "validate_document"]


def validate_document(actor: Actor, document: Json) -> Sequence[Problem]:
    """Every problem of a document, all at once; none means that it can be published."""
    access.require(actor, Permission.FLOWS_READ)
    return problems_of(actor, document)


def problems_of(actor: Actor, document: Json) -> Sequence[Problem]:
    names = set(Credential.objects.filter(workspace_id=actor.workspace).values_list("name", flat=True))
    return validate(document, catalogue(), credentials=names)
