"""Brakes for whoever guesses: so many tries a minute from one address. They count in the cache, across processes
where it is shared."""

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class GuessThrottle(SimpleRateThrottle):
    """For what a secret or password opens."""

    scope = "guess"
    rate = "30/min"

    def get_cache_key(self, request: Request, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}
