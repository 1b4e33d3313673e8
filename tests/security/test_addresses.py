from ipaddress import ip_address

import pytest

from flows.security.addresses import is_public, is_treacherous, normal_host, unwrapped

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "168.63.129.16",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1",
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:a00:1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "2001::1", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "5f00::1", "2001:4860::5efe:7f00:1", "2001:4860::200:5efe:a00:1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.15.0.1",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_is_not_of_the_public_internet_is_known(text: str) -> None:
    assert not is_public(unwrapped(ip_address(text)))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_ordinary_public_address_is_public(text: str) -> None:
    assert is_public(unwrapped(ip_address(text)))


@pytest.mark.parametrize("text", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "224.0.0.1", "0.0.0.0", "::"])
def test_metadata_and_link_local_addresses_are_treacherous(text: str) -> None:
    assert is_treacherous(ip_address(text))


@pytest.mark.parametrize(
    "spelling",
    [
        "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.0x1",
        "0X7F.1", "127.0.0.1.2", "1.2.3.256", "0x", "127.0.0.01", "example.0x10", "４２", "127。1",
    ],
)  # fmt: skip
def test_an_unusual_spelling_of_an_ipv4_address_is_refused(spelling: str) -> None:
    with pytest.raises(ValueError, match=r"unusual spelling|not a host name"):
        normal_host(spelling)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "a b",
        "a/b",
        "user@host",
        "host:80",
        "a..b",
        "-a.example",
        "a_.-",
        "a\x00b",
        "a\nb",
        "example.com\n",
        "127.0.0.1\n",
        "x" * 64,
        "a%00b",
        "[::1",
    ],
)
def test_what_is_no_host_name_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="not a host name"):
        normal_host(host)


@pytest.mark.parametrize(
    ("host", "normal"),
    [
        ("Example.COM.", "example.com"),
        ("[::1]", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ＬＯＣＡＬＨＯＳＴ", "localhost"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("a_b.example", "a_b.example"),
    ],
)
def test_a_host_has_one_spelling(host: str, normal: str) -> None:
    assert normal_host(host) == normal
