"""The guard on the way out: which hosts nodes may reach, and the proof that it is they who are reached.

A name is resolved once, every address it gives is checked, and the connection goes to a checked
address: a second answer of the name server is never asked for, so it can't differ. What travels
over the connection is not this module's business; `flows.security.transport` carries HTTP over it.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from flows.errors import MulgilError
from flows.security.addresses import Address, is_public, is_treacherous, normal_host, unwrapped

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

MAX_ADDRESSES: Final = 32


class EgressRefused(MulgilError):
    """Nodes may not reach {target}: {reason}."""

    code = "egress_refused"
    status = 422
    hint = "An administrator can allow the host or network, with its port, in MULGIL_EGRESS_ALLOW."


class NameNotFound(MulgilError):
    """The host {target} has no address: {reason}."""

    code = "name_not_found"
    status = 422
    klass = "recoverable"


class BadAllowance(MulgilError):
    """{text} in MULGIL_EGRESS_ALLOW is neither a host nor a network: {reason}"""

    code = "bad_allowance"
    hint = "Write hosts or networks, each with or without a port, separated by commas: 127.0.0.1:9000,10.2.0.0/16."


@dataclass(frozen=True, slots=True)
class Allowance:
    """One exception from the rule: a name or a network, on one port or on all."""

    name: str | None
    network: IPv4Network | IPv6Network | None
    port: int | None

    def admits(self, host: str, address: Address, port: int) -> bool:
        """Whether a private `address` of `host` may be reached on `port`."""
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            return address.version == self.network.version and address in self.network
        return _is_named(self.name or "", host) and not is_treacherous(address)


def _is_named(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def parse_allowances(text: str) -> tuple[Allowance, ...]:
    """The exceptions of a setting such as `127.0.0.1:9000, 10.2.0.0/16, *.corp.example:443`. Raises BadAllowance."""
    return tuple(_parse_allowance(part.strip()) for part in text.split(",") if part.strip())


def _parse_allowance(text: str) -> Allowance:
    target, port = _split_port(text)
    bare = target.removeprefix("[").removesuffix("]")
    try:
        return Allowance(None, ip_network(bare), port)
    except ValueError as error:
        if "/" in bare:
            raise BadAllowance(text=text, reason=str(error)) from None
    try:
        star = "*." if bare.startswith("*.") else ""
        return Allowance(star + normal_host(bare.removeprefix(star)), None, port)
    except ValueError as error:
        raise BadAllowance(text=text, reason=str(error)) from None


def _split_port(text: str) -> tuple[str, int | None]:
    target, colon, digits = text.rpartition(":")
    if not colon or (":" in target and not target.endswith("]")) or text.endswith("]"):
        return text, None
    if not digits.isascii() or not digits.isdigit() or not 0 < int(digits) < 65536:
        raise BadAllowance(text=text, reason="the port is not a number from 1 to 65535")
    return target, int(digits)


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses the system's resolver gives, in its order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class EgressGuard:
    """Says which address of a host to connect to, or refuses. Safe to share between tasks."""

    def __init__(
        self,
        allowances: Iterable[Allowance] = (),
        *,
        never: Iterable[tuple[str, int]] = (),
        resolver: Resolver = system_resolver,
    ) -> None:
        """`never`: (address, port) pairs refused whatever is allowed, such as the product's own database."""
        self._allowances = tuple(allowances)
        self._never = frozenset((ip_address(address), port) for address, port in never)
        self._resolver = resolver

    async def addresses(self, host: str, port: int) -> list[str]:
        """The checked addresses of a host, best first. Raises EgressRefused or NameNotFound.

        One address that is refused refuses the host: a name that mixes public and private answers
        is either broken or an attack.
        """
        target = f"{host}:{port}"
        if not 0 < port < 65536:
            raise EgressRefused(target=target, reason="the port is not a number from 1 to 65535")
        try:
            name = normal_host(host)
        except ValueError as error:
            raise EgressRefused(target=target, reason=str(error)) from None
        found = await self._resolve(name, port)
        for address in found:
            self._check(name, address, port)
        return [str(address) for address in found]

    async def _resolve(self, name: str, port: int) -> list[Address]:
        try:
            return [unwrapped(ip_address(name))]
        except ValueError:
            pass
        try:
            answers = await self._resolver(name, port)
        except (OSError, UnicodeError) as error:
            raise NameNotFound(target=name, reason=str(error) or type(error).__name__) from None
        if not answers:
            raise NameNotFound(target=name, reason="the name server gave none")
        return list(dict.fromkeys(unwrapped(ip_address(answer)) for answer in answers[:MAX_ADDRESSES]))

    def _check(self, host: str, address: Address, port: int) -> None:
        target = f"{host}:{port}"
        if (address, port) in self._never:
            raise EgressRefused(target=target, reason="it is this product's own")
        if is_public(address) or any(one.admits(host, address, port) for one in self._allowances):
            return
        if host == str(address):
            raise EgressRefused(target=target, reason="it is an address of a private network")
        raise EgressRefused(target=target, reason=f"it leads to {address}, an address of a private network")
