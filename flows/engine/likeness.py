"""Where a node of another version differs in what matters to a step that has begun by the old one.

It compares, and refuses to know what is done about it. Steps and plans are only read.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flows.engine.obstacles import Why
from flows.engine.plan import ALL, NodePlan, Plan, Region
from flows.engine.state import ENDED, Step
from flows.security.safejson import Json

Place = tuple[str, ...]
"""Where a node stands: the containers around it, the outermost first; behind a node that it undoes, that one's name."""
_SIGNAL: Final = "signal"
UNDO: Final = "compensate"


def differences(step: Step, node: NodePlan, *, is_completed: bool, holds: bool) -> Iterator[Why]:
    """What keeps a step that has begun from going on by this node."""
    old = step.plan
    if (node.type.name, node.kind) != (old.type.name, old.kind):
        yield "type_changed"
        return
    if step.status == "succeeded" and step.port is not None and step.port not in node.ports:
        yield "port_gone"
    if is_completed and node.undo is None:
        yield "undo_gone"
    # Whoever signals looks in the document for the names that are awaited.
    awaits_signal = step.status == "waiting" and step.wait is not None and step.wait[0] == _SIGNAL
    if awaits_signal and node.node.config.get("name") != old.node.config.get("name"):
        yield "signal_changed"
    if (holds or step.status not in ENDED) and _shape(node.inner) != _shape(old.inner):
        yield "inside_changed"


def _shape(region: Region | None) -> frozenset[Any] | None:
    """Which nodes a region holds, how they hang together, and what they hold themselves; not their settings."""
    if region is None:
        return None
    return frozenset(
        (
            node.id,
            node.type.name,
            node.kind,
            node.need,
            node.disabled,
            node.on_error,
            frozenset((port, target.id) for port, target in node.out),
            _shape(node.inner),
            _shape(node.undo),
        )
        for node in region.nodes
    )


def settings(node: NodePlan) -> dict[str, Any]:
    return node.node.model_dump(mode="json", exclude={"position", "label", "description"})


def is_same_work(old: NodePlan, new: NodePlan, was: Mapping[str, Json], now: Mapping[str, Json]) -> bool:
    """Whether a node that does its work in several goes would go on with what it was given when it began: what it has come
    to speaks of that target and those steps, and is put back there. `was` and `now` are the variables it may read.
    """
    mine, other = old.node, new.node
    if (mine.config, mine.credential, old.effect) != (other.config, other.credential, new.effect):
        return False
    for path in (one.path for one in old.config.references):
        if path.root == "vars" and (
            was.get(str(path.keys[0])) != now.get(str(path.keys[0])) if path.keys else was != now
        ):
            return False
        if path.root == "flow" and path.keys[:1] in ((), ("version",)):
            return False
    return True


def was_passed(step: Step) -> bool:
    """Whether a skipped step was disabled and led on, as if it had given null."""
    if step.port is not None or not step.plan.disabled or step.plan.kind == "trigger":
        return step.port is not None
    return bool(step.taken) or step.plan.incoming == 0


def contradiction(step: Step, left: int, taken: int, *, is_entry: bool) -> Why | None:
    """Whether a step that has begun or ended would not have, had the run gone by this version all along."""
    node = step.plan
    if step.status == "failed" and step.started_at is None:
        return None  # its join couldn't be met any more, and it leads on by its own rule
    leads_here = left == 0 and taken > 0 if node.need == ALL else taken >= node.need
    if step.status != "skipped" or step.port is not None:
        return None if is_entry or leads_here else "before_it"
    if node.kind == "trigger":
        return None
    return "revived" if is_entry or leads_here or left else None


def places(plan: Plan) -> dict[str, Place]:
    """Where every node stands, by its id."""
    return dict(_places(plan.root, ()))


def _places(region: Region | None, around: Place) -> Iterator[tuple[str, Place]]:
    for node in region.nodes if region is not None else ():
        yield node.id, around
        yield from _places(node.inner, (*around, node.id))
        yield from _places(node.undo, (*around, node.id, UNDO))
