"""Values between JSON and PostgreSQL: what a parameter becomes, and what a column gives.

Numbers stay numbers where nothing is lost, and become text where a float would round them.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb, set_json_dumps, set_json_loads

from flows.nodes.base import Json
from flows.security.safejson import dumps, loads

LARGEST_INTEGER: Final = 2**63


def prepare(connection: AsyncConnection[Any]) -> None:
    """Have this connection read and write JSON through the guarded parser."""
    set_json_loads(loads, connection)
    set_json_dumps(dumps, connection)


def bound(params: Sequence[Json] | Mapping[str, Json]) -> list[Any] | dict[str, Any]:
    """The parameters as the driver takes them: objects, and lists that hold any, as jsonb; other lists as arrays."""
    if isinstance(params, Mapping):
        return {name: _parameter(value) for name, value in params.items()}
    return [_parameter(value) for value in params]


def _parameter(value: Json) -> Any:
    if isinstance(value, dict):
        return Jsonb(value)
    if isinstance(value, list) and (not value or any(isinstance(item, dict | list) for item in value)):
        return Jsonb(value)
    return value


def column_value(value: Any) -> Json:
    """The JSON of a column's value."""
    if value is None or isinstance(value, str | bool | float):
        return value
    if isinstance(value, int):
        return value if -LARGEST_INTEGER <= value < LARGEST_INTEGER else str(value)
    if isinstance(value, list | tuple):
        return [column_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): column_value(inner) for key, inner in value.items()}
    return _rarer(value)


def _rarer(value: Any) -> Json:
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return str(value)


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _number(value: Decimal) -> Json:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and abs(value) < LARGEST_INTEGER:
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)


def size_of(row: Mapping[str, Json]) -> int:
    """Bytes of a row as JSON."""
    return len(orjson.dumps(row))
