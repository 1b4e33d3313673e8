"""Documents drawn at random: every field of every part, any text and any value that JSON has, valid flows or not.

`FIELDS` names the fields of each part as a document writes them; a test holds it against the models, so that a field that
comes later is drawn too, or missed here.
"""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from flows.dsl.document import (
    Case,
    Concurrency,
    Document,
    Each,
    Edge,
    JoinCount,
    Node,
    Note,
    Part,
    Position,
    Retry,
    Settings,
)

# What YAML, JSON Pointer and the templates make something of, beside any text at all; NUL and halves of pairs no JSON has.
TRICKY: Final = (
    "", "x", "null", "1.0", "on", "~", "- a", "a: b", "# a", "multi\nline\n", " lead", "\ttab", "{{ nodes.a }}", "물길",
    "\r", "a/b", "~1", "\u2028", "\ufeff", "'\"", "%", "!t", "&a", "*a", "0x1f", "1e3", "2026-01-01", "<<",
)  # fmt: skip
TEXTS: Final = st.sampled_from(TRICKY) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)
NUMBERS: Final = (
    st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=64) | st.just(-0.0)
)
VALUES: Final[st.SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS: Final = st.dictionaries(TEXTS, VALUES, max_size=3)
# Few, so that twins, renewed names and arrows that meet are common; some of them words of YAML.
IDS: Final = st.sampled_from(["a", "b", "c", "null", "true", "on", "a_b"])
DURATIONS: Final = st.sampled_from(["500ms", "1s", "30s", "5m", "24h", "7d"])
SHARES: Final = st.sampled_from([0, 0.2, 0.5, 1])
PLACES: Final = st.fixed_dictionaries({"x": st.floats(-1e6, 1e6), "y": st.integers(-9, 9)})


def _drawn(fields: Mapping[str, st.SearchStrategy[Any]], *always: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {name: fields[name] for name in always},
        optional={name: one for name, one in fields.items() if name not in always},
    )


RETRY: Final[dict[str, st.SearchStrategy[Any]]] = {
    "max_attempts": st.integers(1, 9),
    "backoff": st.sampled_from(["constant", "linear", "exponential"]),
    "initial": DURATIONS,
    "factor": st.sampled_from([1, 1.5, 2, 100]),
    "max": DURATIONS,
    "jitter": SHARES,
    "max_elapsed": st.none() | DURATIONS,
}
EACH: Final[dict[str, st.SearchStrategy[Any]]] = {
    "items": VALUES,
    "concurrency": st.integers(1, 9),
    "on_error": st.sampled_from(["stop", "collect"]),
    "tolerate": SHARES,
}
NODE: Final[dict[str, st.SearchStrategy[Any]]] = {
    "id": IDS,
    "type": st.sampled_from(["log", "data.set", "no.such"]),
    "label": TEXTS,
    "description": TEXTS,
    "position": st.none() | PLACES,
    "config": st.dictionaries(st.sampled_from(["b", "a", "position", "n/o"]) | TEXTS, VALUES, max_size=3),
    "credential": st.none() | TEXTS,
    "parent": st.none() | IDS,
    "join": st.sampled_from(["all", "any", {"count": 2}]),
    "each": st.none() | _drawn(EACH, "items"),
    "timeout": st.none() | DURATIONS,
    "retry": st.none() | _drawn(RETRY),
    "on_error": st.sampled_from(["fail", "continue", "route"]),
    "effect": st.sampled_from([None, "pure", "read", "keyed", "transactional", "once"]),
    "disabled": st.booleans(),
}
EDGE: Final[dict[str, st.SearchStrategy[Any]]] = {
    "from": IDS,
    "to": IDS,
    "port": st.sampled_from(["out", "true", "error", "a/b"]),
}
CONCURRENCY: Final[dict[str, st.SearchStrategy[Any]]] = {
    "limit": st.integers(1, 9),
    "key": TEXTS,
    "when_full": st.sampled_from(["queue", "reject", "cancel_oldest"]),
}
SETTINGS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "timeout": st.none() | DURATIONS,
    "on_failure": st.sampled_from(["stop", "compensate"]),
    "concurrency": st.none() | _drawn(CONCURRENCY, "limit"),
    "max_parallel": st.none() | st.integers(1, 9),
    "suspend_after": st.none() | st.integers(0, 9),
    "queue": st.sampled_from([None, "gpu", "on"]),
    "vars": OBJECTS,
}
NOTE: Final[dict[str, st.SearchStrategy[Any]]] = {
    "id": IDS,
    "text": TEXTS,
    "color": st.sampled_from(["yellow", "blue", "green", "pink", "grey"]),
    "position": PLACES,
    "width": st.sampled_from([1, 200, 200.5]),
    "height": st.sampled_from([1, 120, 4_000]),
    "parent": st.none() | IDS,
}
CASE: Final[dict[str, st.SearchStrategy[Any]]] = {
    "name": st.sampled_from(["one", "two", "on"]),
    "input": OBJECTS,
    "trigger": st.none() | IDS,
    "mocks": st.dictionaries(TEXTS, st.lists(OBJECTS, max_size=2), max_size=2),
    "expect": OBJECTS,
}
DOCUMENT: Final[dict[str, st.SearchStrategy[Any]]] = {
    "dsl": st.just(1),
    "name": TEXTS,
    "description": TEXTS,
    "inputs": OBJECTS,
    "settings": _drawn(SETTINGS),
    "nodes": st.lists(_drawn(NODE, "id", "type"), max_size=4),
    "edges": st.lists(_drawn(EDGE, "from", "to"), max_size=4),
    "notes": st.lists(_drawn(NOTE, "id", "position"), max_size=2),
    "tests": st.lists(_drawn(CASE, "name"), max_size=2),
    "pins": st.dictionaries(IDS, VALUES, max_size=3),
}
FIELDS: Final[dict[type[Part], Mapping[str, object]]] = {
    Position: {"x": None, "y": None},
    JoinCount: {"count": None},
    Retry: RETRY,
    Each: EACH,
    Node: NODE,
    Edge: EDGE,
    Concurrency: CONCURRENCY,
    Settings: SETTINGS,
    Note: NOTE,
    Case: CASE,
    Document: DOCUMENT,
}


def documents() -> st.SearchStrategy[Document]:
    """Any document that has its shape."""
    return _drawn(DOCUMENT).map(Document.model_validate)
