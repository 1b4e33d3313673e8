import asyncio
import datetime as dt
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flows.security.egress import EgressGuard, EgressRefused, NameNotFound, parse_allowances
from flows.security.transport import GuardedBackend, guarded_client
from tests.security.http_server import Reply, Route, http_server

LOCAL = "127.0.0.0/8"


class Rebinding:
    """A name server whose second answer is another one: first a harmless address, then the victim's."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return [self.answers[min(self.asked, len(self.answers)) - 1]]


async def test_a_request_goes_to_the_address_that_was_checked() -> None:
    names = Rebinding("127.0.0.2", "127.0.0.1")
    async with http_server({"/": Reply(body=b'"checked"')}, address="127.0.0.2") as server:
        async with guarded_client(EgressGuard(parse_allowances(LOCAL), resolver=names)) as client:
            answer = await client.get(server.url(host="shop.example"))
        assert answer.json() == "checked"
        assert server.peers == ["127.0.0.2"]
        assert server.requests[0].headers["host"] == f"shop.example:{server.port}"
    assert names.asked == 1


async def test_a_rebound_name_is_refused_at_the_next_connection() -> None:
    names = Rebinding("127.0.0.2", "10.0.0.1")
    async with http_server({"/": Reply(headers={"Connection": "close"}, is_cut=False)}, address="127.0.0.2") as server:
        async with guarded_client(EgressGuard(parse_allowances(LOCAL), resolver=names)) as client:
            await client.get(server.url(host="shop.example"))
            with pytest.raises(EgressRefused, match=r"10\.0\.0\.1"):
                await client.get(server.url(host="shop.example"))
        assert len(server.requests) == 1


async def test_a_private_address_is_never_connected_to() -> None:
    async with http_server({"/": Reply()}) as server, guarded_client(EgressGuard()) as client:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
            with pytest.raises(EgressRefused):
                await client.get(server.url(host=host))
        assert server.peers == []


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_server({"/": Reply(body=b'"straight"')}) as server, http_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with guarded_client(EgressGuard(parse_allowances(LOCAL))) as client:
            assert (await client.get(server.url())).json() == "straight"
        assert proxy.requests == []


async def test_a_cookie_set_for_one_request_is_not_sent_by_another() -> None:
    async with http_server({"/": Reply(headers={"Set-Cookie": "session=stolen; Path=/"})}) as server:
        async with guarded_client(EgressGuard(parse_allowances(LOCAL))) as client:
            await client.get(server.url())
            await client.get(server.url())
        assert "cookie" not in server.requests[1].headers


async def test_a_redirect_is_not_followed_by_the_client_itself() -> None:
    away = Reply(302, headers={"Location": "http://10.0.0.1/"})
    async with http_server({"/": away}) as server, guarded_client(EgressGuard(parse_allowances(LOCAL))) as client:
        assert (await client.get(server.url())).status_code == 302


async def test_sockets_of_this_machine_are_refused() -> None:
    with pytest.raises(EgressRefused, match="socket of this machine"):
        await GuardedBackend(EgressGuard()).connect_unix_socket("/run/postgresql/.s.PGSQL.5432")


async def test_the_next_address_is_tried_when_the_first_does_not_answer() -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.9", "127.0.0.2"]

    guard = EgressGuard(parse_allowances(LOCAL), resolver=both)
    served: dict[str, Route] = {"/": Reply(body=b"2")}
    async with http_server(served, address="127.0.0.2") as server, guarded_client(guard) as client:
        assert (await client.get(server.url(host="shop.example"))).json() == 2


async def test_nobody_there_is_a_connect_error_and_no_name_says_so() -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    async with http_server() as server:
        port = server.port
    await asyncio.sleep(0)
    async with guarded_client(EgressGuard(parse_allowances(LOCAL), resolver=nowhere)) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/")
        with pytest.raises(NameNotFound):
            await client.get("http://nowhere.example/")


@pytest.fixture
def certificates(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server for `shop.example` and a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


async def test_tls_checks_the_name_though_the_socket_goes_to_the_address(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    served, trusted = certificates
    asked: list[str | None] = []
    served.sni_callback = lambda _socket, name, _context: asked.append(name)
    guard = EgressGuard(parse_allowances(LOCAL), resolver=Rebinding("127.0.0.1"))
    async with (
        http_server({"/": Reply(body=b"1")}, tls=served) as server,
        guarded_client(guard, ssl_context=trusted) as client,
    ):
        assert (await client.get(server.url(host="shop.example"))).json() == 1
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(server.url(host="other.example"))
    assert ip_address(server.peers[0]).is_loopback
    assert asked[0] == "shop.example"
