"""The cache in Redis, which counts in this process's memory while Redis is away.

Decides: that nothing fails because a counter can't be reached. Refuses to know what is counted.
"""

from typing import Any, Final

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from builder_ui.redis_watch import PATIENCE, watch

# Whoever asks learns soon that nobody answers. Every Redis speaks protocol 2.
SOON: Final[dict[str, Any]] = {
    "protocol": 2,
    "socket_connect_timeout": PATIENCE,
    "socket_timeout": PATIENCE,
    "retry": Retry(NoBackoff(), 0),
}


class ForgivingCache(RedisCache):
    """Django's own, with a memory of this process's behind it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": {**SOON, **params.get("OPTIONS", {})}})
        self._near = LocMemCache("while redis is away", {})

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._asked("get", key, default, version=version)

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return self._asked("get_many", keys, version=version)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._asked("has_key", key, version=version))

    def add(self, key: Any, value: Any, *given: Any, **more: Any) -> bool:
        return bool(self._asked("add", key, value, *given, **more))

    def set(self, key: Any, value: Any, *given: Any, **more: Any) -> None:
        self._asked("set", key, value, *given, **more)

    def set_many(self, data: Any, *given: Any, **more: Any) -> list[Any]:
        return self._asked("set_many", data, *given, **more)  # type: ignore[no-any-return]  # the keys that failed

    def touch(self, key: Any, *given: Any, **more: Any) -> bool:
        return bool(self._asked("touch", key, *given, **more))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        if not watch.may_be_asked:
            self._near.add(key, 0, version=version)  # begun in Redis, which went away in between
        return int(self._asked("incr", key, delta, version=version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._asked("delete", key, version=version))

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._asked("delete_many", keys, version=version)

    def clear(self) -> None:
        self._near.clear()
        self._asked("clear")

    def _asked(self, name: str, *given: Any, **more: Any) -> Any:
        if watch.may_be_asked:
            try:
                answer = getattr(RedisCache, name)(self, *given, **more)
            except RedisError as error:
                watch.failed(error)
                if name == "incr":
                    self._near.add(given[0], 0, version=more["version"])
            else:
                watch.answered()
                return answer
        return getattr(self._near, name)(*given, **more)
