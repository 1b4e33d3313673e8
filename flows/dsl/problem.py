"""What can be wrong with a document: every problem's code, sentence and mend, in one table.

A problem is data: the faces fill and translate its sentence. Nothing here finds a problem.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, at its place; `path` is a JSON Pointer into the document."""

    code: str
    node: str | None
    path: str
    template: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    hint: str = ""

    @property
    def message(self) -> str:
        """The sentence in English, filled."""
        return self.template.format_map(self.params)


# code -> sentence, mend
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    # shape
    "not_an_object": (_("A document is a JSON object."), ""),
    "too_large": (
        _("The document has {size} bytes, over the limit of {limit}."),
        _("Move a part of it to a flow of its own and call it."),
    ),
    "too_many_nodes": (
        _("The document has {size} nodes, over the limit of {limit}."),
        _("Move a part of it to a flow of its own and call it."),
    ),
    "too_deep": (_("The document is nested {size} deep, over the limit of {limit}."), ""),
    "bad_value": (_("{where} holds {what}, which JSON cannot carry."), ""),
    "unknown_dsl": (
        _("This document is of version {version} of the format; this installation knows versions up to {known}."),
        _("Upgrade the installation, or export the flow from one of the same version."),
    ),
    "bad_field": (_("{field}: {reason}"), ""),
    "missing_field": (_("{field} is missing."), _("Fill it in.")),
    "unknown_field": (_("{field} is not known here."), _("Check its spelling or remove it.")),
    "bad_duration": (
        _("{field}: {value} is not a duration."),
        _("Write 500ms, 30s, 5m, 24h or 7d; five years at most."),
    ),
    "bad_instant": (
        _("{field}: {value} is not an instant."),
        _("Write 2026-01-31T09:30:00Z, or with an offset such as +09:00."),
    ),
    # names
    "bad_id": (
        _("{id} can't be an id."),
        _("An id is 1 to 63 small letters, digits and underscores, and begins with a letter."),
    ),
    "reserved_id": (
        _("{id} is a word of the expression language and can't be an id."),
        _("Put something behind it: if_1 instead of if."),
    ),
    "duplicate_id": (_("The id {id} is used more than once."), _("Give one of them another id.")),
    # types and configs
    "unknown_type": (_("There is no node type {type}."), _("Install the package it comes from, or replace the node.")),
    "unknown_type_near": (_("There is no node type {type}; {near} is near."), _("Check its spelling.")),
    "bad_config": (_("{field}: {reason}"), ""),
    "not_one_expression": (
        _("{field} must be a value or one expression; text around the braces makes it text."),
        _("Remove what stands before and behind the braces."),
    ),
    "missing_credential": (_("This node needs a credential."), _("Choose one, or make one under Credentials.")),
    "unknown_credential": (
        _("There is no credential {name} in this workspace."),
        _("Choose another one, or make it under Credentials."),
    ),
    "needless_credential": (_("A node of type {type} takes no credential."), _("Remove it.")),
    "weaker_effect": (
        _("The effect class {effect} promises less than {own}, which nodes of type {type} have."),
        _("Remove it, or choose a stricter one."),
    ),
    "no_such_effect": (
        _("Nodes of type {type} can't be transactional: only what writes in its target's own transaction can."),
        _("Choose once, or remove it."),
    ),
    # expressions
    "bad_expression": (_("{field}: {reason}"), _("Expressions are Python; see the guide for what they may use.")),
    "unknown_name": (
        _("{field}: {reason}"),
        _("Expressions start at input, nodes, item, index, run, flow, vars, now."),
    ),
    "expression_too_large": (
        _("{field}: {reason}"),
        _("Split it over several data.set nodes, or use a code.python node."),
    ),
    "unknown_reference": (_("{field}: {shown} names no node of this flow."), _("Choose an existing node.")),
    "unknown_reference_near": (
        _("{field}: {shown} names no node of this flow; {near} is near."),
        _("Check its spelling."),
    ),
    "unknown_key": (_("{field}: {shown} does not exist; there is {known}."), _("Check its spelling.")),
    "not_upstream": (
        _("{field}: {shown} is read, but {other} does not come before this node."),
        _("Draw a path from it to this node, or read another node."),
    ),
    "inside_container": (
        _("{field}: {shown} is read, but {other} runs inside {container}, once per turn."),
        _("Read the output of the container: the list of its turns' outputs."),
    ),
    "outside_each": (
        _("{field}: {root} is known only inside each and for_each."),
        _("Set each on this node, or put it into a container."),
    ),
    "outside_while": (_("{field}: last is known only inside while."), _("Put the node into a while container.")),
    "outside_lock": (_("{field}: lock is known only inside a lock."), _("Put the node into a lock container.")),
    "lock_within_itself": (
        _("{id} asks for the lock {name}, which {outer} around it holds: it would wait for ever."),
        _("Remove the inner lock, or give it another name."),
    ),
    "no_root_here": (_("{field}: {root} can't be read here."), _("Only input and vars are known before a run.")),
    "key_calls": (
        _("{field}: what is read before a run begins can't call functions."),
        _("Use paths, comparisons and operators."),
    ),
    # edges
    "unknown_node": (_("There is no node {id}."), _("Remove the edge, or draw it anew.")),
    "unknown_port": (_("{id} has no port {port}; it has {ports}."), _("Draw the edge from another port.")),
    "duplicate_edge": (_("There are two edges from {id} by {port} to {target}."), _("Remove one of them.")),
    "trigger_with_input": (_("{id} is a trigger: nothing comes before it."), _("Remove the edge.")),
    "wall_crossed": (
        _("The edge from {id} to {target} crosses the wall of a container."),
        _("Put both nodes into it, or connect the container itself."),
    ),
    "cycle": (
        _("{nodes} lie on a cycle."),
        _("Remove one of its edges; what repeats belongs into flow.for_each or flow.while."),
    ),
    "unreachable": (_("No trigger leads to {id}."), _("Draw an edge to it, or remove it.")),
    "no_trigger": (_("The flow has no trigger."), _("Add one, such as trigger.manual.")),
    "route_without_error": (
        _("{id} routes its errors, but no edge leaves from its port error."),
        _("Draw an edge from the port error, or choose fail."),
    ),
    "error_without_route": (
        _("An edge leaves from the port error of {id}, which never takes it."),
        _("Set on_error to route."),
    ),
    "continue_without_out": (
        _("{id} is to go on after an error, but it has no port out to go on by."),
        _("Choose fail or route."),
    ),
    "join_count": (
        _("{id} waits for {count} of its incoming edges, but it has {edges}."),
        _("Lower the count, or draw more edges."),
    ),
    # containers
    "unknown_parent": (_("There is no container {parent}."), _("Take the node out, or choose another container.")),
    "not_a_container": (_("{parent} holds no nodes: it is no container."), _("Take the node out of it.")),
    "parent_cycle": (_("{id} lies inside itself."), _("Take it out of the container.")),
    "nested_containers": (_("{id} lies in more than {limit} containers."), _("Use a flow of its own.")),
    "trigger_inside": (_("{id} is a trigger and can't lie in a container."), _("Take it out of the container.")),
    "no_each": (
        _("{id} can't run once per item: it is {role}."),
        _("Remove each; a container may stand around nodes."),
    ),
    # compensation
    "undo_with_input": (
        _("{id} undoes {owner}: no other edge may lead to it."),
        _("Remove the other edges."),
    ),
    "undo_of_undo": (_("{id} belongs to an undo and can't be undone itself."), _("Remove the edge.")),
    "undo_joined": (
        _("The edge from {id} to {target} joins an undo with the flow."),
        _("What belongs to an undo leads only to what belongs to it."),
    ),
    "undo_of_trigger": (_("{id} is a trigger: there is nothing to undo."), _("Remove the edge.")),
    # the rest
    "bad_inputs": (_("The schema of the inputs is no JSON Schema: {reason}"), ""),
    "unknown_pin": (_("A sample output is pinned to {id}, which is no node."), _("Remove it.")),
    "bad_test": (_("The test {name}: {reason}"), ""),
    "test_failed": (_("The test {name} fails: {reason}"), _("Mend the flow, or what the test expects.")),
    "tests_too_long": (
        _("The tests of the flow take longer than {seconds} seconds."),
        _("Mock the steps that take long, or have fewer tests."),
    ),
    "unknown_note_parent": (_("The note lies in {parent}, which is no container."), _("Take it out.")),
}


def problem(code: str, *, path: str, node: str | None = None, **params: str | int) -> Problem:
    """A problem of the table."""
    template, hint = KINDS[code]
    return Problem(code=code.removesuffix("_near"), node=node, path=path, template=template, params=params, hint=hint)


class Suggestions:
    """The names that were likely meant. Comparing costs, so only so many are looked for."""

    def __init__(self, names: Iterable[str], budget: int = 30) -> None:
        self._names = list(names)[:2_000]
        self._budget = budget
        self._found: dict[str, str | None] = {}

    def near(self, name: str) -> str | None:
        if name not in self._found:
            if len(self._found) >= self._budget:
                return None
            self._found[name] = next(iter(get_close_matches(name[:64], self._names, n=1, cutoff=0.7)), None)
        return self._found[name]


def pointer(*parts: str | int) -> str:
    """A JSON Pointer (RFC 6901) from its parts."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)
