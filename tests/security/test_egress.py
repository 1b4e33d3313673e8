from collections.abc import Sequence

import pytest

from flows.security.egress import (
    BadAllowance,
    EgressGuard,
    EgressRefused,
    NameNotFound,
    parse_allowances,
    system_resolver,
)


class Names:
    """A name server with answers of ours, which counts how often it was asked."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = {name.replace("_", "."): found for name, found in answers.items()}
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        if host not in self.answers:
            raise OSError("Name or service not known")
        return self.answers[host]


def guard(allow: str = "", never: Sequence[tuple[str, int]] = (), **answers: list[str]) -> EgressGuard:
    return EgressGuard(parse_allowances(allow), never=never, resolver=Names(**answers))


async def test_a_public_name_gives_its_checked_addresses_in_order() -> None:
    assert await guard(pay_example=["1.1.1.1", "2606:4700::1"]).addresses("Pay.Example.", 443) == [
        "1.1.1.1",
        "2606:4700::1",
    ]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "10.1.2.3",
        "169.254.169.254",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "fe80::1%lo",
        "224.0.0.1",
    ],
)
async def test_a_private_address_is_refused(host: str) -> None:
    with pytest.raises(EgressRefused, match="private network"):
        await guard().addresses(host, 80)


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "user@127.0.0.1", "a b", ""])
async def test_a_disguised_host_is_refused_before_any_resolver_sees_it(host: str) -> None:
    names = Names()
    with pytest.raises(EgressRefused):
        await EgressGuard(resolver=names).addresses(host, 80)
    assert names.asked == 0


async def test_a_name_that_leads_inside_is_refused() -> None:
    with pytest.raises(EgressRefused, match=r"inner\.example:80: it leads to 10\.0\.0\.1"):
        await guard(inner_example=["10.0.0.1"]).addresses("inner.example", 80)


async def test_one_private_answer_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(EgressRefused):
        await guard(mixed_example=["1.1.1.1", "127.0.0.1"]).addresses("mixed.example", 80)


async def test_localhost_by_the_systems_resolver_is_refused() -> None:
    with pytest.raises(EgressRefused):
        await EgressGuard(resolver=system_resolver).addresses("localhost", 80)


async def test_a_name_without_address_is_a_recoverable_failure() -> None:
    with pytest.raises(NameNotFound) as failure:
        await guard().addresses("nowhere.example", 80)
    assert failure.value.klass == "recoverable"


@pytest.mark.parametrize("port", [0, -1, 65536])
async def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(EgressRefused, match="port"):
        await guard().addresses("1.1.1.1", port)


@pytest.mark.parametrize(
    ("allow", "host", "port", "is_allowed"),
    [
        ("127.0.0.1:9000", "127.0.0.1", 9000, True),
        ("127.0.0.1:9000", "::ffff:127.0.0.1", 9000, True),
        ("127.0.0.1:9000", "127.0.0.1", 9001, False),
        ("127.0.0.1:9000", "127.0.0.2", 9000, False),
        ("10.2.0.0/16", "10.2.255.1", 1234, True),
        ("10.2.0.0/16", "10.3.0.1", 1234, False),
        ("10.2.0.0/16:443", "10.2.0.1", 80, False),
        ("[::1]:8080", "::1", 8080, True),
        ("[::1]:8080", "::1", 80, False),
        ("fd00::/8", "fd12::1", 80, True),
        ("::1", "::1", 1, True),
        ("db.internal:5432", "db.internal", 5432, True),
        ("db.internal:5432", "db.internal", 22, False),
        ("*.internal", "db.internal", 22, True),
        ("*.internal", "internal", 22, False),
        ("*.internal", "evilinternal", 22, False),
        ("meta.internal", "meta.internal", 80, False),
        ("*.internal,169.254.169.254:80", "meta.internal", 80, True),
        (" 127.0.0.1:1 , 10.0.0.0/8 ", "10.0.0.1", 5, True),
    ],
)
async def test_an_allowance_opens_what_it_names_and_no_more(allow: str, host: str, port: int, is_allowed: bool) -> None:
    names = {
        "db_internal": ["10.9.9.9"], "meta_internal": ["169.254.169.254"], "internal": ["10.9.9.9"],
        "evilinternal": ["10.9.9.9"],
    }  # fmt: skip
    checked = guard(allow, **names)
    if is_allowed:
        assert await checked.addresses(host, port)
    else:
        with pytest.raises(EgressRefused):
            await checked.addresses(host, port)


async def test_our_own_server_is_refused_whatever_is_allowed() -> None:
    checked = guard("127.0.0.0/8", never=[("127.0.0.1", 5432)], db_example=["127.0.0.1"])
    for host in ("127.0.0.1", "::ffff:127.0.0.1", "db.example"):
        with pytest.raises(EgressRefused):
            await checked.addresses(host, 5432)
    assert await checked.addresses("127.0.0.1", 5433) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "text", ["10.0.0.0/99", "10.0.0.1/8", "a b", "127.0.0.1:0", "127.0.0.1:http", "x:70000", "127.1", "*.*"]
)
def test_a_bad_allowance_names_itself(text: str) -> None:
    with pytest.raises(BadAllowance) as failure:
        parse_allowances(f"10.0.0.0/8, {text}")
    assert text in failure.value.message
