"""What the fields of a config are called where people fill them in: the words of the form, not the keys of the document.

It reads models; it refuses to know who draws the form, and in which language.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel

from flows.errors import phrase

MOST_OF_A_KEY: Final = 80
"""Characters that are shown of a key somebody chose."""
Schema = Mapping[str, Any]


@lru_cache(maxsize=1024)
def form_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model, where every field's title is its label in the form; nobody changes it."""
    form = model.model_json_schema(by_alias=True)
    # A model's own title is the name of a Python class.
    for each in (form, *form.get("$defs", {}).values()):
        each.pop("title", None)
        for name, schema in each.get("properties", {}).items():
            schema["title"] = _label(name, schema.get("title"))
    return form


def label_of(model: type[BaseModel], place: Sequence[str | int]) -> str:
    """What a field is called, with those it lies in: `Cases, 2, When`.

    A phrase where it is a word of the product's, to be said in the reader's language; keys that people chose are not.
    """
    form = form_of(model)
    here: list[Schema] = [form]
    said = ""
    for part in place:
        here = [inner for each in here for whole in _meant(each, form) for inner in _inside(whole, part)]
        label = _called(here, part)
        said = phrase("{outer}, {inner}", outer=said, inner=label) if said else label
    return said


def _label(name: str, title: str | None) -> str:
    """The author's title, or the field's name as words."""
    words = name.replace("_", " ")
    return words.capitalize() if title is None or title == words.title() else title


def _called(found: Sequence[Schema], part: str | int) -> str:
    if isinstance(part, int):
        return str(part + 1)
    for each in found:
        if "title" in each:
            return phrase(each["title"])
    return part if len(part) <= MOST_OF_A_KEY else f"{part[:MOST_OF_A_KEY]}…"


def _meant(schema: Schema, form: Schema) -> Iterator[Schema]:
    """The schema and all it may be instead."""
    yield schema
    if "$ref" in schema:
        yield from _meant(form["$defs"][schema["$ref"].rpartition("/")[2]], form)
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _meant(each, form)


def _inside(schema: Schema, part: str | int) -> Iterator[Schema]:
    """What it says of the value at a key or an index."""
    inner = (
        schema.get("items")
        if isinstance(part, int)
        else schema.get("properties", {}).get(part, schema.get("additionalProperties"))
    )
    if isinstance(inner, dict):
        yield inner
