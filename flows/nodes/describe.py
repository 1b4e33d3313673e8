"""A node type as the API tells it: one item of `GET /api/node-types/`.

Texts are translated by the function handed in; this module knows no language.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel

from flows.dsl.effects import Effect
from flows.dsl.labels import form_of
from flows.nodes.kinds import EffectFrom, NodeType, PortsFrom

Translate = Callable[[str], str]

_TEXTS: Final = frozenset({"title", "description"})


@lru_cache(maxsize=1024)
def _output(node_type: NodeType) -> dict[str, Any] | None:
    output = node_type.output
    return output.model_json_schema(mode="serialization") if output else None


def describe_form(of: type[BaseModel], translate: Translate) -> dict[str, Any]:
    """The JSON Schema of a model as a form is drawn from it: its fields' titles and descriptions translated."""
    schema: dict[str, Any] = _translated_schema(form_of(of), translate)
    return schema


def describe(node_type: NodeType, translate: Translate) -> dict[str, Any]:
    """Everything a client needs to show, fill in and check a node of this type."""
    return {
        "name": node_type.name,
        "role": node_type.role,
        "category": node_type.category,
        "label": translate(node_type.label),
        "description": _translated(node_type.description, translate),
        "icon": node_type.icon,
        "effect": _effect(node_type),
        "ports": _ports(node_type),
        "credential": node_type.credential,
        "schema": describe_form(node_type.config, translate),
        "verbatim": sorted(node_type.rules.verbatim),
        "per_item": dict(node_type.rules.per_item or {}),
        "output_schema": _output(node_type),
        "docs": _translated(node_type.docs, translate),
        "example": asdict(node_type.example) if node_type.example else None,
        "summary": node_type.summary,
        "labels": {value: translate(text) for value, text in node_type.labels.items()},
    }


def _translated(text: str, translate: Translate) -> str:
    # The empty msgid of a gettext catalogue is its header, not a translation.
    return translate(text) if text else ""


def _translated_schema(schema: Any, translate: Translate) -> Any:
    if isinstance(schema, dict):
        return {
            key: _translated(value, translate)
            if key in _TEXTS and isinstance(value, str)
            else _translated_schema(value, translate)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_translated_schema(value, translate) for value in schema]
    return schema


def _effect(node_type: NodeType) -> Any:
    effect = node_type.effect_of
    if isinstance(effect, Effect):
        return effect.value
    if isinstance(effect, EffectFrom):
        by = {value: chosen.value for value, chosen in effect.by.items()}
        return {"from": effect.pointer, "by": by, "otherwise": effect.otherwise.value, "default": effect.default}
    return node_type.effect({}).value


def _ports(node_type: NodeType) -> Any:
    ports = node_type.ports_of
    if isinstance(ports, PortsFrom):
        also = {"also": list(ports.also)} if ports.also else {}
        return {"from": ports.pointer, "then": list(ports.then), **also}
    return list(ports)
