"""A decrypted credential on its way to one step, and the rule that it goes to its own hosts alone.

It is never printed: its text form shows its name. How it was stored is the vault's business.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flows.errors import MulgilError
from flows.security.addresses import normal_host
from flows.security.safejson import Json


class CredentialRefused(MulgilError):
    """The credential {name} may not be sent to {target}: it is bound to {hosts}."""

    code = "credential_refused"
    status = 422
    hint = "Add the host to the credential, or use the credential that belongs to this host."


class MissingField(MulgilError):
    """The credential {name} has no field {field}."""

    code = "credential_field_missing"
    status = 422
    hint = "Open the credential and fill the field in."


class Credential(Mapping[str, Json]):
    """The fields of a credential by name, with the hosts it may be sent to.

    A host is `pay.example`, `pay.example:8443` or `*.pay.example` (any name below, not itself). A
    credential without hosts is sent nowhere.
    """

    __slots__ = ("_values", "hosts", "is_paced", "kind", "name")

    def __init__(
        self, name: str, kind: str, values: Mapping[str, Json], hosts: tuple[str, ...] = (), *, is_paced: bool = False
    ) -> None:
        self.name = name
        self.kind = kind
        self.hosts = hosts
        self.is_paced = is_paced
        self._values = dict(values)

    def __getitem__(self, field: str) -> Json:
        try:
            return self._values[field]
        except KeyError:
            raise MissingField(name=self.name, field=field) from None

    def get(self, field: str, default: Any = None) -> Any:
        return self._values.get(field, default)

    def __contains__(self, field: object) -> bool:
        return field in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Credential({self.name!r}, kind={self.kind!r})"

    def text(self, field: str) -> str:
        """A field as text. Raises MissingField where it is absent or of another type."""
        value = self[field]
        if not isinstance(value, str):
            raise MissingField(name=self.name, field=field)
        return value

    def secrets(self) -> list[str]:
        """The texts that must never be shown, however deep they lie."""
        found: list[str] = []
        stack: list[Json] = [self._values]
        while stack:
            value = stack.pop()
            if isinstance(value, str):
                found.append(value)
            elif isinstance(value, dict | list):
                stack += value.values() if isinstance(value, dict) else value
        return found

    def require(self, host: str, port: int) -> None:
        """Raise CredentialRefused unless it may be sent to this host and port."""
        try:
            name = normal_host(host)
        except ValueError:
            name = ""
        if not name or not any(_matches(pattern, name, port) for pattern in self.hosts):
            hosts = ", ".join(self.hosts) or "no host"
            raise CredentialRefused(name=self.name, target=f"{host}:{port}", hosts=hosts)


def _matches(pattern: str, host: str, port: int) -> bool:
    name, colon, digits = pattern.lower().rpartition(":")
    if colon and digits.isdigit() and (":" not in name or name.endswith("]")):
        if int(digits) != port:
            return False
        pattern = name
    bare = pattern.lower().removeprefix("[").removesuffix("]")
    return host.endswith(bare[1:]) if bare.startswith("*.") else host == bare
