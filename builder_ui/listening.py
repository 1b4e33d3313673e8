"""The address the site is reached at: bound before anything else starts, so that a clash is told at once.

Decides: who else might hold the port, by which names the site may be called. Refuses to know what is served.
"""

import ipaddress
import socket
from collections.abc import Iterator

from builder_ui.complaint import Complaint

PROBE_TIMEOUT = 1.0


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to `host` and `port`, not yet listening; a complaint when that can't be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise Complaint(f"The host {host!r} is not known: {error.strerror}.") from error
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise Complaint(_why(host, port, error)) from error
    return bound


def _why(host: str, port: int, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"Port {port} may be opened only by root: choose one above 1023 with --port."
    return (
        f"Port {port} on {host} can't be opened ({error.strerror}): stop what uses it, or choose another with --port."
    )


def is_local(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    parsed = _parsed(host)
    return host == "localhost" or (parsed is not None and parsed.is_loopback)


def own_names(host: str) -> Iterator[str]:
    """The names by which a site bound to `host` can be called on its network."""
    parsed = _parsed(host)
    if parsed is None or not parsed.is_unspecified:
        yield host
        return
    name = socket.gethostname()
    yield from {name, socket.getfqdn(name)}
    yield from _addresses(name)


def url(host: str, port: int) -> str:
    """The address to open in a browser on this machine."""
    reachable = reachable_host(host)
    return f"http://{f'[{reachable}]' if ':' in reachable else reachable}:{port}"


def reachable_host(host: str) -> str:
    """`host`, or the loopback address when it stands for all addresses."""
    parsed = _parsed(host)
    if parsed is not None and parsed.is_unspecified:
        return "127.0.0.1" if parsed.version == 4 else "::1"
    return host


def answer_of(host: str, port: int, path: str) -> int | None:
    """The status the site answers `path` with, None when it doesn't answer."""
    request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()
    try:
        with socket.create_connection((reachable_host(host), port), timeout=PROBE_TIMEOUT) as connection:
            connection.sendall(request)
            line = connection.recv(64).split()
    except OSError:
        return None
    return int(line[1]) if len(line) > 1 and line[1].isdigit() else None


def _addresses(name: str) -> set[str]:
    try:
        found = socket.getaddrinfo(name, None)
    except socket.gaierror:
        return set()
    return {str(entry[4][0]) for entry in found}


def _parsed(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
