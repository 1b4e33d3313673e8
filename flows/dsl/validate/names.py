"""Ids, types, parents: what a node says of itself."""

import keyword
from collections.abc import Iterator

from flows.dsl.catalogue import Catalogue
from flows.dsl.problem import Problem, Suggestions, pointer, problem
from flows.dsl.validate.outline import MAX_CONTAINERS, Outline, Placed
from flows.expr.template import has_expression


def check_names(found: Outline, catalogue: Catalogue) -> Iterator[Problem]:
    """Reserved ids, unknown types, containers that are none."""
    types = Suggestions(catalogue.names())
    for placed in found.nodes.values():
        if keyword.iskeyword(placed.id):
            yield problem("reserved_id", path=placed.path("id"), node=placed.id, id=placed.id)
        if placed.type is None:
            yield _unknown_type(placed, types)
        yield from _check_place(found, placed)
    yield from _check_notes(found)


def _unknown_type(placed: Placed, types: Suggestions) -> Problem:
    name = placed.node.type
    suggestion = types.near(name)
    if suggestion is None:
        return problem("unknown_type", path=placed.path("type"), node=placed.id, type=name)
    return problem("unknown_type_near", path=placed.path("type"), node=placed.id, type=name, near=suggestion)


def _check_place(found: Outline, placed: Placed) -> Iterator[Problem]:
    role = placed.type.role if placed.type is not None else "task"
    if placed.node.each is not None and role != "task":
        yield problem("no_each", path=placed.path("each"), node=placed.id, id=placed.id, role=f"a {role}")
    parent = placed.node.parent
    if parent is None:
        return
    where = placed.path("parent")
    if parent not in found.named:
        yield problem("unknown_parent", path=where, node=placed.id, parent=parent)
        return
    if role == "trigger":
        yield problem("trigger_inside", path=where, node=placed.id, id=placed.id)
    outer = found.nodes.get(parent)
    if outer is not None and outer.type is not None and outer.type.role != "container":
        yield problem("not_a_container", path=where, node=placed.id, parent=parent)
    depth = _depth(found, placed)
    if depth is None:
        yield problem("parent_cycle", path=where, node=placed.id, id=placed.id)
    elif depth > MAX_CONTAINERS:
        yield problem("nested_containers", path=where, node=placed.id, id=placed.id, limit=MAX_CONTAINERS)
    else:
        yield from _check_lock(found, placed)


def _check_lock(found: Outline, placed: Placed) -> Iterator[Problem]:
    """A lock inside one of the same name, as far as both are written out."""
    name = _lock_name(placed)
    if name is None:
        return
    for outer in list(found.around(placed))[1:]:
        if _lock_name(outer) == name:
            where = placed.path("config", "name")
            yield problem("lock_within_itself", path=where, node=placed.id, id=placed.id, name=name, outer=outer.id)
            return


def _lock_name(placed: Placed) -> str | None:
    name = placed.node.config.get("name") if placed.node.type == "flow.lock" else None
    return name if isinstance(name, str) and not has_expression(name) else None


def _depth(found: Outline, placed: Placed) -> int | None:
    """In how many containers a node lies, counted a little beyond the limit; None where it lies inside itself."""
    seen: set[str] = set()
    parent = placed.node.parent
    while parent is not None and len(seen) <= MAX_CONTAINERS and (outer := found.nodes.get(parent)) is not None:
        if outer.id == placed.id:
            return None
        if outer.id in seen:  # a ring above it, which is told at its own nodes
            break
        seen.add(outer.id)
        parent = outer.node.parent
    return len(seen)


def _check_notes(found: Outline) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, note in found.notes:
        if note.id in seen:
            yield problem("duplicate_id", path=pointer("notes", index, "id"), id=note.id)
        seen.add(note.id)
        outer = found.nodes.get(note.parent) if note.parent is not None else None
        if note.parent is not None and (outer is None or (outer.type is not None and outer.type.role != "container")):
            yield problem("unknown_note_parent", path=pointer("notes", index, "parent"), parent=note.parent)
