"""An alert for an approval that nobody can bring to a yes: fewer people are asked than its quorum needs.

It is decided whenever people are asked. It refuses to know who they are, and who answers in time.
"""

from typing import Any, Final
from uuid import UUID, uuid5

import orjson
from django.db import transaction

from flows.models import Alert, Approval, Outbox
from flows.models.base import first_id_at
from flows.operations.asked import remaining
from flows.operations.messages import lay_down
from flows.security.safejson import Json

CODE: Final = "too_few_to_decide"


@transaction.atomic
def alert_of_too_few(told: Json) -> None:
    """Raise it where no further people are asked later; told again it adds none. `told` is `{approval}`."""
    given: dict[str, Any] = told if isinstance(told, dict) else {}
    rows = Approval.objects.filter(pk=str(given.get("approval")), closed_at=None, decided="")
    found = rows.select_related("run__flow").first()
    if found is None or found.stage < len(orjson.loads(found.escalation)):
        return
    left = remaining(found, list(found.votes.values_list("user_id", flat=True)))
    if found.votes.count() + left >= found.quorum:
        return
    said = f"{found.title}: {found.quorum} must say yes and {left} of those asked can answer."
    error = {"code": CODE, "class": "permanent", "message": said}
    told_on = {"run": str(found.run_id), "step": found.step, "reason": CODE, "error": error}
    # Made of what it is about, so that a second telling finds it.
    name = UUID(int=first_id_at(found.created_at).int | uuid5(found.pk, f"{CODE} {found.stage}").int & (1 << 80) - 1)
    alert = Alert(
        id=name,
        workspace_id=found.workspace_id,
        flow=found.run.flow,
        run_id=found.run_id,
        step=found.step,
        code=CODE,
        message=said,
    )
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
    lay_down(
        [
            Outbox(
                id=name,
                run_id=found.run_id,
                workspace_id=found.workspace_id,
                topic="alert",
                key=str(found.pk),
                payload=orjson.dumps(told_on).decode(),
            )
        ]
    )
