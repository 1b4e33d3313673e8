"""Waits that nothing ends, joins that need them, and waits whose end nobody hears of."""

from collections.abc import Iterator

from flows.dsl.durations import parse_duration
from flows.engine.integrity.finding import Finding, finding
from flows.engine.integrity.outlook import WAITS, Outlook, waits_for_ever
from flows.engine.plan import ALL, NodePlan


def check_waits(look: Outlook) -> Iterator[Finding]:
    """Waits without an end, without a consequence, or longer than the run."""
    for node in look.nodes():
        config = node.node.config
        if waits_for_ever(node):
            if look.plan.timeout is None:
                code = "asks_for_ever" if node.type.name == "flow.approval" else "waits_for_ever"
                yield finding(code, path=look.path(node, "config", "timeout"), node=node.id, id=node.id)
        elif _leaves_by_timeout(node) and node.out and all(port != "timeout" for port, _ in node.out):
            yield finding("timeout_leads_nowhere", path=look.path(node), node=node.id, id=node.id)
        name = WAITS.get(node.type.name, "")
        if look.plan.timeout is not None and _duration(config.get(name)) >= look.plan.timeout:
            yield finding(
                "wait_beyond_timeout",
                path=look.path(node, "config", name),
                node=node.id,
                id=node.id,
                wait=str(config[name]),
                timeout=str(look.document.settings.timeout),
            )


def _leaves_by_timeout(node: NodePlan) -> bool:
    """Whether its time may be over with nothing decided: an approval's default decides instead."""
    return "timeout" in node.ports and node.node.config.get("on_timeout", "timeout") == "timeout"


def check_waiting_joins(look: Outlook) -> Iterator[Finding]:
    """Joins that a wait without an end keeps from going on although their other ways arrived."""
    if look.plan.timeout is not None:
        return
    behind = _behind_endless(look)
    for node in look.nodes():
        ways = [behind.get(source.id) for source, _ in look.incoming.get(node.id, ())]
        endless = [one for one in ways if one is not None]
        if endless and len(endless) < len(ways) and _needs(node, len(ways)) > len(ways) - len(endless):
            path = look.path(node, "join")
            yield finding("join_waits", path=path, node=node.id, id=node.id, other=endless[0].id)


def _needs(node: NodePlan, ways: int) -> int:
    return ways if node.need == ALL else node.need


def _behind_endless(look: Outlook) -> dict[str, NodePlan]:
    """Nodes that may never end, and the wait without an end that they are, hold or follow."""
    own: dict[str, NodePlan] = {}
    for node in look.plan.nodes.values():
        inside = node.inner.nodes if node.inner is not None else ()
        held = next((own[one.id] for one in inside if one.id in own), None)
        if (found := node if waits_for_ever(node) else held) is not None:
            own[node.id] = found
    behind = dict(own)
    for node in look.sources_first():
        if node.id in behind:
            continue
        ways = [behind.get(source.id) for source, _ in look.incoming.get(node.id, ())]
        endless = [one for one in ways if one is not None]
        if endless and _needs(node, len(ways)) > len(ways) - len(endless):
            behind[node.id] = endless[0]
    return behind


def _duration(value: object) -> int:
    """Microseconds; none where an expression decides, or nothing is said."""
    try:
        return parse_duration(value) if isinstance(value, str) else -1
    except ValueError:
        return -1
