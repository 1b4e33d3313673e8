"""People who can't decide, signals nobody can send, and calls of flows that may not come back."""

from collections.abc import Iterator
from typing import Any, Final

from flows.engine.integrity.finding import Finding, finding
from flows.engine.integrity.outlook import Outlook
from flows.engine.plan import NodePlan

# A name is a part of the address it is sent to, where these mean something else.
UNSENDABLE: Final = frozenset({".", ".."})
KINDS: Final = ("users", "roles", "groups")


def check_people(look: Outlook) -> Iterator[Finding]:
    """Questions nobody can decide, and signals that no address reaches."""
    for node in look.nodes():
        match node.type.name:
            case "flow.approval":
                yield from _check_asked(look, node)
            case "flow.signal":
                name = str(node.node.config.get("name", ""))
                if "{{" not in name and ("/" in name or "\x00" in name or name in UNSENDABLE):
                    path = look.path(node, "config", "name")
                    yield finding("nobody_can_send", path=path, node=node.id, id=node.id, name=name.replace("\x00", ""))


def _check_asked(look: Outlook, node: NodePlan) -> Iterator[Finding]:
    config: dict[str, Any] = node.node.config
    asked = [one for one in _people_of(config) if isinstance(one, dict)]
    if len(asked) < len(_people_of(config)) or any(
        not isinstance(one.get(kind, []), list) for one in asked for kind in KINDS
    ):
        return  # an expression decides
    quorum, users = config.get("quorum", 1), {str(user) for one in asked for user in one.get("users", [])}
    is_open = any(one.get("roles") or one.get("groups") for one in asked)
    if isinstance(quorum, int) and not is_open and len(users) < quorum:
        path = look.path(node, "config", "quorum")
        yield finding("quorum_out_of_reach", path=path, node=node.id, id=node.id, quorum=quorum, people=len(users))
    yield from _unknown(look, node, asked)


def _people_of(config: dict[str, Any]) -> list[Any]:
    """Who is asked at first, and then by each stage of the escalation."""
    stages = config.get("escalation")
    further = [one.get("assignees") for one in stages if isinstance(one, dict)] if isinstance(stages, list) else []
    return [config.get("assignees"), *further]


def _unknown(look: Outlook, node: NodePlan, asked: list[dict[str, Any]]) -> Iterator[Finding]:
    around_it = look.around_it
    for kind, known in (("users", around_it.users), ("groups", around_it.groups)):
        named = dict.fromkeys(str(name) for one in asked for name in one.get(kind, []))
        for name in named:
            if known is not None and name not in known and "{{" not in name:
                code = "unknown_user" if kind == "users" else "unknown_group"
                path = look.path(node, "config", "assignees")
                yield finding(code, path=path, node=node.id, id=node.id, name=name)


def check_calls(look: Outlook) -> Iterator[Finding]:
    """Calls that are waited for without an end, and calls of the flow they are in, by themselves or by others."""
    for node in look.nodes():
        config = node.node.config
        if node.type.name != "flow.call":
            continue
        called, version = str(config.get("flow", "")), config.get("version")
        path = look.path(node, "config", "flow")
        if called in look.around_it.flow | {look.document.name} - {""}:
            yield finding("calls_itself", path=path, node=node.id, id=node.id)
        elif isinstance(version, int | None) and (way := look.around_it.ways_back.get((called, version))):
            yield finding("calls_itself_by_others", path=path, node=node.id, id=node.id, way=" → ".join(way))
        if config.get("wait") is not False and node.timeout is None and look.plan.timeout is None:
            yield finding("call_waits_for_ever", path=look.path(node, "timeout"), node=node.id, id=node.id)
