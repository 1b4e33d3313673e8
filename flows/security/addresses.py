"""Which addresses belong to the public Internet, and which host names are really addresses in disguise.

The networks are written out from IANA's special-purpose registries (RFC 6890 and its updates)
instead of asking `ipaddress`, whose answers differ between releases of Python. This module opens
nothing and resolves nothing.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

PRIVATE_V4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        # The metadata and agent address of one large cloud, public by number, private by meaning.
        "168.63.129.16/32",
    )
)

GLOBAL_V6: Final = IPv6Network("2000::/3")
PRIVATE_V6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside, routed by whoever answers
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
NAT64: Final = IPv6Network("64:ff9b::/96")

# Never reached by way of a name, whoever allowed it: only an address or network written out opens them.
TREACHEROUS: Final = tuple(
    IPv4Network(text) for text in ("0.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "224.0.0.0/4", "240.0.0.0/4")
)
TREACHEROUS_V6: Final = tuple(IPv6Network(text) for text in ("::/128", "fe80::/10", "fd00:ec2::/32", "ff00::/8"))

_NUMERIC: Final = re.compile(r"^(\d+|0[xX][0-9a-fA-F]*)$")
_HOST: Final = re.compile(
    r"^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$"
)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv4-mapped or NAT64 one stands for; others as they are."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether an address, already unwrapped, is an ordinary one of the public Internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in PRIVATE_V4)
    if address.scope_id is not None or address not in GLOBAL_V6 or _is_isatap(address):
        return False
    return not any(address in network for network in PRIVATE_V6)


def _is_isatap(address: IPv6Address) -> bool:
    # RFC 5214: the interface identifier carries an IPv4 address behind 0000:5efe or 0200:5efe.
    return (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE


def is_treacherous(address: Address) -> bool:
    """Whether an address is one that even an allowed name must not lead to: metadata, link-local, multicast."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in TREACHEROUS)
    return any(address in network for network in TREACHEROUS_V6)


def normal_host(host: str) -> str:
    """A host name or address in its one spelling, lower-case, without brackets or a final dot.

    Raises ValueError for what is neither: spaces, user info, empty labels, and the spellings of IPv4
    that only some parsers read as an address (`127.1`, `0x7f000001`, `2130706433`, `0177.0.0.1`).
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    name = bare.lower().removesuffix(".")
    if not name.isascii():
        name = _idna(name)
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    if _NUMERIC.fullmatch(name.rpartition(".")[2]):
        raise ValueError("it is an unusual spelling of an IPv4 address")
    if not _HOST.fullmatch(name):
        raise ValueError("it is not a host name")
    return name


def _idna(name: str) -> str:
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("it is not a host name") from None
