"""Statements of the web's hot path, which the server may keep prepared on Django's connection.

Django sends every statement anew, its values within it, to be parsed and planned each time: of a statement over one
row that is most of what it costs. It decides nothing about what is asked, nor whether a connection prepares: that is
said by its option `prepare_threshold`, which the web sets for its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper


class _Cursor(psycopg.Cursor[tuple[Any, ...]]):
    def execute(self, query: Any, params: Any = None, **given: Any) -> "_Cursor":
        super().execute(query, params, **({"prepare": True} | given))
        return self


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """A cursor as Django's own, with its errors and its log of queries, for statements that are worth preparing.

    The server binds the values: where one may be null, or stands where nothing tells its type, the statement says it.
    """
    connection.ensure_connection()
    # Django's wrappers take what they wrap to be one of them.
    wrapped: Callable[[Any], CursorWrapper] = (
        connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    )
    with connection.wrap_database_errors, _Cursor(connection.connection) as raw:
        yield wrapped(raw)
