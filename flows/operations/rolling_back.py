"""A rollback that a step of a run asks for, in the environment of the run: once for a step, and with the rights of who
published what runs.

It decides as whom the step acts. What a rollback is stands in `releases`, what the last good version is in `good`.
"""

from django.db import transaction

from flows.errors import Forbidden
from flows.models import Flow, Membership, Release, Run
from flows.operations import reasons
from flows.operations.actor import Actor
from flows.operations.calling import flow_named
from flows.operations.environments import name_of
from flows.operations.flows import lock_flow
from flows.operations.good import roll_back_to_last_good
from flows.operations.releases import lacking_credentials, roll_back
from flows.runtime.verbs import RollbackOrder
from flows.security.safejson import Json


@transaction.atomic
def rolled_back(order: RollbackOrder) -> dict[str, Json]:
    """Make the release, or find the one this step made before: `{flow, version, previous, release, missing_credentials}`.

    Raises Forbidden, NotFound, ManyOfName, NoGoodVersion, and all that `roll_back` does.
    """
    run = Run.objects.select_related("version__author").get(pk=order.run)
    actor = _publisher(run)
    flow = flow_named(actor, order.flow) if order.flow else run.flow_id
    # The lock comes first, so that of two attempts at once the second finds what the first has made.
    found = lock_flow(actor, flow)
    before = Release.objects.filter(flow=found, evidence__key=order.key)
    made = before.select_related("version", "previous", "environment__setting").first()
    return _told(found, made or _made(actor, found, run, order))


def _made(actor: Actor, flow: Flow, run: Run, order: RollbackOrder) -> Release:
    reason = order.reason or reasons.reason(reasons.BY_RUN, number=run.number)
    where = name_of(run.environment_id)
    if order.version is None:
        made = roll_back_to_last_good(actor, flow.pk, reason=reason, environment=where)
    else:
        made = roll_back(actor, flow.pk, version=order.version, reason=reason, environment=where)
    made.evidence = {"key": order.key, "runs": [str(run.pk)]}
    made.save(update_fields=["evidence"])
    return made


def _publisher(run: Run) -> Actor:
    """Who published the version the run goes by, with the role held now."""
    if run.version is None:
        raise Forbidden(verb="roll back from a run of a draft")
    author = run.version.author
    member = Membership.objects.filter(workspace_id=run.workspace_id, user=author, user__is_active=True).first()
    if author is None or member is None:
        raise Forbidden(verb="roll back: who published this version is no member any more")
    name = f"{author.get_username()}, by run #{run.number}"
    return Actor(user=author.pk, name=name, workspace=run.workspace_id, role=member.role)


def _told(flow: Flow, made: Release) -> dict[str, Json]:
    return {
        "flow": flow.name,
        "version": made.version.number,
        "previous": made.previous.number if made.previous else None,
        "release": str(made.pk),
        "missing_credentials": [*lacking_credentials(made)],
    }
