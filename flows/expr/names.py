"""The names an expression may use. Everything not listed here does not exist for it."""

from typing import Final

ROOTS: Final = frozenset({"input", "nodes", "item", "index", "last", "lock", "run", "flow", "vars", "now"})

CONSTANTS: Final = {"true": True, "false": False, "null": None}

_FUNCTIONS: Final = """
abs all any bool chr dict divmod enumerate filter float int isinstance len list map max min ord pow range repr
reversed round set sorted str sum tuple zip
"""

_TEXT_METHODS: Final = """
capitalize casefold center count endswith expandtabs find format index isalnum isalpha isascii isdecimal isdigit
isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip partition removeprefix
removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title
translate upper zfill
"""

_LIST_METHODS: Final = "append clear copy extend insert pop remove reverse sort"

_OBJECT_METHODS: Final = "get items keys popitem setdefault update values"

FUNCTIONS: Final = frozenset(_FUNCTIONS.split())

METHODS: Final = frozenset(f"{_TEXT_METHODS} {_LIST_METHODS} {_OBJECT_METHODS}".split())
