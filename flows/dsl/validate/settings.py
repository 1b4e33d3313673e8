"""Configs, credentials and effect classes: what a node asks of its type."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from flows.dsl.catalogue import NodeType
from flows.dsl.configs import Misfit, misfits
from flows.dsl.effects import Effect
from flows.dsl.labels import label_of
from flows.dsl.phrases import misfit_problem
from flows.dsl.problem import Problem, problem
from flows.dsl.validate.outline import Outline, Placed

_STRICTNESS: Final = {effect: rank for rank, effect in enumerate(Effect)}


def check_settings(found: Outline, credentials: Collection[str] | None) -> Iterator[Problem]:
    """`credentials` are the names there are; None where that isn't known, and then none is missed."""
    for placed in found.nodes.values():
        if placed.type is not None:
            for misfit in misfits(placed.type.config, placed.node.config):
                yield _config_problem(placed, misfit)
            yield from _check_credential(placed, placed.type, credentials)
            yield from _check_effect(placed, placed.type)


def _config_problem(placed: Placed, misfit: Misfit) -> Problem:
    where = placed.path("config")
    if placed.type is not None and misfit.parts:
        misfit = replace(misfit, field=label_of(placed.type.config, misfit.parts))
    if misfit.kind == "not_one_expression":
        return problem("not_one_expression", path=where + misfit.path, node=placed.id, field=misfit.field)
    return misfit_problem("bad_config", misfit, where, placed.id)


def _check_credential(placed: Placed, kind: NodeType, credentials: Collection[str] | None) -> Iterator[Problem]:
    name = placed.node.credential
    where = placed.path("credential")
    if name is None:
        if kind.credential is not None and kind.needs_credential:
            yield problem("missing_credential", path=where, node=placed.id)
    elif kind.credential is None:
        yield problem("needless_credential", path=where, node=placed.id, type=kind.name)
    elif credentials is not None and name not in credentials:
        yield problem("unknown_credential", path=where, node=placed.id, name=name)


def _check_effect(placed: Placed, kind: NodeType) -> Iterator[Problem]:
    asked = placed.node.effect
    if asked is None:
        return
    own = kind.effect(placed.node.config)
    where = placed.path("effect")
    if _STRICTNESS[asked] < _STRICTNESS[own]:
        yield problem("weaker_effect", path=where, node=placed.id, effect=asked, own=own, type=kind.name)
    elif asked is Effect.TRANSACTIONAL and own is not Effect.TRANSACTIONAL:
        yield problem("no_such_effect", path=where, node=placed.id, type=kind.name)
