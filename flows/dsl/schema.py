"""The JSON Schema of documents, for editors and other programs.

The frame comes from the models; each node type of the catalogue adds what its config looks like.
Where a config's field is no text, an expression may stand too.
"""

from typing import Any, Final

from flows.dsl.catalogue import Catalogue
from flows.dsl.document import Document
from flows.dsl.fields import field_rules

ID: Final = "https://mulgil.dev/schema/document/1"

_EXPRESSION: Final = {"type": "string", "pattern": r"\{\{"}


def document_schema(catalogue: Catalogue) -> dict[str, Any]:
    """JSON Schema (2020-12) of the documents this catalogue knows."""
    schema = Document.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    definitions["Expression"] = {**_EXPRESSION, "description": "A text with an expression in double braces"}
    node = definitions["Node"]
    node["allOf"] = [_rule(definitions, name, catalogue) for name in sorted(catalogue.names())]
    node["properties"]["type"]["examples"] = sorted(catalogue.names())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        **schema,
        "title": "Mulgil flow",
    }


def _rule(definitions: dict[str, Any], name: str, catalogue: Catalogue) -> dict[str, Any]:
    """A node of this type has a config of this shape."""
    key = f"config.{name}"
    node_type = catalogue.get(name)
    if node_type is not None:
        model = node_type.config
        raw = model.model_json_schema(by_alias=True, ref_template=f"#/$defs/{key}.{{model}}")
        for inner, definition in raw.pop("$defs", {}).items():
            definitions[f"{key}.{inner}"] = _loose(definition)
        definitions[key] = _loose(raw, field_rules(model).verbatim)
    return {
        "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
        "then": {"properties": {"config": {"$ref": f"#/$defs/{key}"}}},
    }


def _loose(schema: dict[str, Any], verbatim: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The schema with an expression allowed for each property that holds them."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    loosened = {
        name: inner if name in verbatim else {"anyOf": [inner, {"$ref": "#/$defs/Expression"}]}
        for name, inner in properties.items()
    }
    return {**schema, "properties": loosened}
