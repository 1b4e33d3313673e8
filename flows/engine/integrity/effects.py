"""What a crash does to effects that stand alone, and what it leaves of those that can be undone."""

from collections.abc import Iterator

from flows.dsl.effects import Effect
from flows.engine.integrity.finding import Finding, finding
from flows.engine.integrity.outlook import ACTING, Outlook
from flows.engine.plan import NodePlan


def check_effects(look: Outlook) -> Iterator[Finding]:
    """Effects that a crash may repeat."""
    for node in look.nodes():
        # Who writes the class down has looked at it: `keyed` says that the target honours the key.
        is_told = node.node.effect is not None or node.type.repeats_safely(node.node.config)
        if node.effect is Effect.KEYED and not is_told:
            yield finding("may_be_sent_twice", path=look.path(node, "effect"), node=node.id, id=node.id)


def check_sagas(look: Outlook) -> Iterator[Finding]:
    """Undos that never run, run too seldom, or are missing."""
    owners = [node for node in look.nodes() if node.undo is not None]
    if look.plan.compensates and not owners:
        yield finding("nothing_to_undo", path="/settings/on_failure")
    if look.plan.compensates or owners:
        yield from _undo_of_nothing(look)
    for owner in owners:
        yield from _check_undo(look, owner)
    if look.plan.compensates and owners:
        for node in look.nodes():
            yield from _not_undone(look, node)


def _undo_of_nothing(look: Outlook) -> Iterator[Finding]:
    for node in look.nodes():
        is_loose = node.incoming == 0 and node.kind != "trigger" and node.node.parent is None
        if is_loose and node.id not in look.undo_of and node.effect in ACTING:
            yield finding("undo_of_nothing", path=look.path(node), node=node.id, id=node.id)


def _check_undo(look: Outlook, owner: NodePlan) -> Iterator[Finding]:
    undos = [one for one in owner.undo.nodes if not one.disabled] if owner.undo is not None else []
    if not undos:
        return
    first = undos[0].id
    if not look.plan.compensates:
        yield finding("undo_never_runs", path="/settings/on_failure", node=owner.id, id=owner.id, undo=first)
        return
    if owner.effect is Effect.KEYED:
        yield finding("effect_may_stand", path=look.path(owner, "effect"), node=owner.id, id=owner.id, undo=first)
    for undo in undos:
        tries = undo.retry.max_attempts if undo.retry is not None else 1
        if undo.effect is not Effect.PURE and undo.effect is not Effect.ONCE and tries < 2:
            yield finding("undo_tried_once", path=look.path(undo, "retry"), node=undo.id, undo=undo.id, id=owner.id)


def _not_undone(look: Outlook, node: NodePlan) -> Iterator[Finding]:
    if node.effect not in ACTING or node.id in look.undo_of or look.is_undone(node):
        return
    if (other := look.fails_after(node)) is not None:
        yield finding("not_undone", path=look.path(node), node=node.id, id=node.id, other=other.id)
