"""Runs that wait to be paid, and the versions of their flow that came later."""

from typing import Any

from flows.models import Flow, Run
from flows.operations import steering
from flows.operations.drafts import save_draft
from flows.operations.publishing import publish
from flows.operations.starting import start
from tests.cast import Person, flow, with_nodes
from tests.runtime.house import drive

START = {"id": "start", "type": "trigger.manual"}
PAID = {"id": "paid", "type": "flow.signal", "config": {"name": "paid"}}


def says(node: str, text: str) -> dict[str, Any]:
    return {"id": node, "type": "data.set", "config": {"fields": {"said": text}}}


FIRST = with_nodes(
    START, says("before", "once"), PAID, says("after", "{{ vars.word }}"), settings={"vars": {"word": "old"}}
)
SECOND = with_nodes(
    START, says("before", "twice"), PAID, says("after", "{{ vars.word }}"), says("more", "{{ nodes.before.said }}"),
    settings={"vars": {"word": "new"}},
)  # fmt: skip
MISFIT = with_nodes(START, says("before", "once"), says("check", "?"), PAID)


def parked(editor: Person, count: int = 1) -> tuple[Flow, list[Run]]:
    """Runs of version 1 that wait to be paid; versions 2 and 3 came later, the last fits them not."""
    made = flow(editor.actor, FIRST)
    begun = [start(editor.actor, made.pk).run.id for _ in range(count)]
    drive()
    for revision, document in enumerate((SECOND, MISFIT), 1):
        save_draft(editor.actor, made.pk, document=document, revision=revision)
        publish(editor.actor, made.pk)
    return made, list(Run.objects.filter(pk__in=begun).order_by("pk"))


def goes_by(run: Run) -> tuple[int | None, str]:
    run = Run.objects.select_related("version").get(pk=run.pk)
    assert run.version is None or run.version.hash == run.document_hash
    return run.version.number if run.version is not None else None, run.status


def pay(operator: Person, run: Run) -> None:
    steering.signal(operator.actor, run.pk, "paid", payload={"amount": 7})
    drive()
