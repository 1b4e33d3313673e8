"""Columns of rows as PostgreSQL's array text.

psycopg looks at each value of a list again and again to learn what it is, and prepares a statement anew for each sort of
number in it; here a column says what it holds, and the statement says as what it is read. It decides nothing about rows.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.adapt import Buffer, Dumper


class Column(list[Any]):
    """One column of a statement's rows: None, bool, int, str and UUID. The statement must cast it (`%s::text[]`)."""


def array_text(values: Iterable[Any]) -> str:
    """The values as the text of an array. Raises KeyError for a value of another class, psycopg.DataError for a NUL."""
    text = f"{{{','.join([_WRITTEN[type(value)](value) for value in values])}}}"
    if "\x00" in text:
        raise psycopg.DataError("PostgreSQL text can't hold NUL")
    return text


def _quoted(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if '"' in text:
        text = text.replace('"', '\\"')
    return f'"{text}"'


_WRITTEN: Final[dict[type, Callable[[Any], str]]] = {
    type(None): lambda _: "NULL",
    bool: lambda value: "t" if value else "f",
    int: int.__repr__,
    str: _quoted,
    UUID: lambda value: f"{value.int:032x}",
}


class _ColumnDumper(Dumper):
    def dump(self, obj: Column) -> Buffer | None:
        return array_text(obj).encode()


psycopg.adapters.register_dumper(Column, _ColumnDumper)
