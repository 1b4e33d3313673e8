import gzip
import json
import zlib
from typing import Any

import pytest

from flows.dsl.effects import Effect
from flows.nodes.base import Answer, BadConfig, Credential, NotSent, Permanent, Recoverable, Unanswered
from flows.nodes.http_body import AnswerTooLarge
from flows.nodes.http_request import HttpBusy, HttpFailed, http_request
from flows.security.credentials import CredentialRefused
from flows.security.egress import EgressGuard, EgressRefused, parse_allowances
from flows.security.limits import LIMITS
from tests.nodes.stage import LOCAL, NOW, perform, stage
from tests.security.http_server import Reply, Request, Server, http_server


def token(*hosts: str, **values: Any) -> Credential:
    return Credential("payments", "http", values or {"scheme": "bearer", "token": "hush-hush"}, hosts)


async def call(server: Server, path: str = "/", *, credential: Credential | None = None, **config: Any) -> Any:
    async with stage(credential=credential) as on:
        answer = await perform(http_request, {"url": server.url(path), **config}, on)
    assert isinstance(answer, Answer)
    return answer.output


async def test_a_json_answer_is_given_with_its_status_and_headers() -> None:
    async with http_server({"/": Reply(body=b'{"a": [1]}', headers={"X-Kind": "test"})}) as server:
        output = await call(server)
    assert (output["status"], output["body"], output["headers"]["x-kind"]) == (200, {"a": [1]}, "test")


async def test_what_is_sent_is_what_the_config_says() -> None:
    async with http_server({"/orders": Reply(201)}) as server:
        await call(
            server, "/orders?a=1", method="post", query={"b": [2, "x y"], "c": True, "d": None},
            headers={"X-Count": 5}, json={"order": "A", "lines": [1, None]},
        )  # fmt: skip
        await call(server, "/orders", method="PUT", form={"name": "물길", "tags": ["a", "b"]})
        await call(server, "/orders", method="PATCH", body="plain", headers={"content-type": "text/csv"})
        await call(server, "/orders", method="POST", json=None)
    first, form, plain, null = server.requests
    assert (first.method, first.target) == ("POST", "/orders?a=1&b=2&b=x+y&c=true")
    assert json.loads(first.body) == {"order": "A", "lines": [1, None]}
    assert (first.headers["x-count"], first.headers["content-type"]) == ("5", "application/json")
    assert form.body == b"name=%EB%AC%BC%EA%B8%B8&tags=a&tags=b"
    assert (plain.body, plain.headers["content-type"]) == (b"plain", "text/csv")
    assert null.body == b"null"


async def test_a_method_that_changes_things_carries_the_steps_key() -> None:
    async with http_server({"/": Reply()}) as server:
        for method in ("GET", "POST", "DELETE"):
            await call(server, method=method)
        await call(server, method="POST", headers={"Idempotency-Key": "mine"})
    assert [request.headers.get("idempotency-key") for request in server.requests] == [
        None,
        "run-1-charge",
        "run-1-charge",
        "mine",
    ]


@pytest.mark.parametrize(
    ("config", "effect"),
    [
        ({}, Effect.READ),
        ({"method": "GET"}, Effect.READ),
        ({"method": "head"}, Effect.READ),
        ({"method": "POST"}, Effect.KEYED),
        ({"method": "{{ input.method }}"}, Effect.KEYED),
        ({"method": ["GET"]}, Effect.KEYED),
    ],
)
def test_the_effect_class_follows_the_method_and_is_strict_for_an_expression(
    config: dict[str, Any], effect: Effect
) -> None:
    assert http_request.effect(config) is effect


@pytest.mark.parametrize(("status", "kind"), [(400, HttpFailed), (404, HttpFailed), (408, HttpBusy), (425, HttpBusy), (429, HttpBusy), (500, HttpBusy), (503, HttpBusy)])  # fmt: skip
async def test_a_status_of_400_or_more_fails_the_step(status: int, kind: type[Permanent] | type[Recoverable]) -> None:
    async with http_server({"/": Reply(status, body=b'{"reason": "stock"}')}) as server:
        with pytest.raises(kind, match=f"answered {status}") as failure:
            await call(server, "/?key=hush", method="POST")
        assert failure.value.details == {"status": status, "body": '{"reason": "stock"}'}
        assert "hush" not in failure.value.message
        assert (await call(server, accept=[status]))["status"] == status
    assert failure.value.klass == ("recoverable" if kind is HttpBusy else "permanent")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0), ("9" * 30, 5 * 365 * 86_400), ("Mon, 02 Feb 2026 02:41:00 GMT", 60), ("Mon, 02 Feb 2026 02:00:00 GMT", 0),
     ("soon", None), ("-5", None), ("", None), ("１", None)],
)  # fmt: skip
async def test_the_time_to_wait_is_what_the_server_asks_for(header: str, seconds: float | None) -> None:
    encoded = header.encode().decode("latin-1")
    async with http_server({"/": Reply(429, headers={"Retry-After": encoded})}) as server:
        with pytest.raises(HttpBusy) as failure:
            await call(server)
    assert failure.value.retry_after == (None if seconds is None else pytest.approx(seconds, abs=1))
    assert NOW == 1_770_000_000_000_000  # 2026-02-02T02:40:00Z


async def test_text_and_files_are_given_as_asked() -> None:
    named = {
        "Content-Type": "text/plain; charset=euc-kr",
        "Content-Disposition": 'attachment; filename="../../etc/report.csv"',
    }
    async with http_server({"/a.bin": Reply(body="물길".encode("euc-kr"), headers=named)}) as server:
        assert (await call(server, "/a.bin", response="text"))["body"] == "물길"
        file = (await call(server, "/a.bin", response="file"))["body"]
    assert file == {"name": "report.csv", "type": "text/plain; charset=euc-kr", "size": 4, "base64": "ubCx5g=="}


async def test_an_empty_answer_is_null_and_one_that_is_no_json_says_so() -> None:
    async with http_server(
        {"/": Reply(body=b""), "/html": Reply(body=b"<html>"), "/204": Reply(204, body=b"")}
    ) as server:
        assert (await call(server))["body"] is None
        assert (await call(server, "/204"))["body"] is None
        assert (await call(server, method="HEAD"))["body"] is None
        with pytest.raises(Permanent, match="is not JSON") as failure:
            await call(server, "/html")
    assert "text" in failure.value.hint


@pytest.mark.parametrize(("encoding", "packed"), [("gzip", gzip.compress(b"[1]", mtime=0)), ("deflate", zlib.compress(b"[1]")), ("deflate", zlib.compress(b"[1]", wbits=-15)), ("identity", b"[1]")])  # fmt: skip
async def test_a_compressed_answer_is_unpacked(encoding: str, packed: bytes) -> None:
    async with http_server({"/": Reply(body=packed, headers={"Content-Encoding": encoding})}) as server:
        assert (await call(server))["body"] == [1]


async def test_a_decompression_bomb_stays_packed() -> None:
    bomb = gzip.compress(b"\0" * (LIMITS.step_output + 1))
    async with http_server({"/": Reply(body=bomb, headers={"Content-Encoding": "gzip"})}) as server:
        with pytest.raises(AnswerTooLarge):
            await call(server, response="text")


async def test_an_answer_over_the_limit_is_refused_by_its_length_and_while_it_streams() -> None:
    declared = Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    endless = Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LIMITS.step_output + 1))
    async with http_server({"/declared": declared, "/endless": endless}) as server:
        for path in ("/declared", "/endless"):
            with pytest.raises(AnswerTooLarge):
                await call(server, path, response="text")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"{}" * 50, is_cut=True),
        Reply(raw=b""),
        Reply(raw=b"nonsense\r\n\r\n"),
        Reply(body=gzip.compress(b"x" * 99, mtime=0)[:-9], headers={"Content-Encoding": "gzip"}),
        Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
    ],
)
async def test_a_cut_answer_leaves_the_effect_unknown(reply: Reply) -> None:
    async with http_server({"/": reply}) as server:
        with pytest.raises(Unanswered) as failure:
            await call(server, method="POST")
    assert failure.value.klass == "recoverable"


async def test_a_slow_answer_leaves_the_effect_unknown() -> None:
    async with http_server({"/": Reply(delay=30)}) as server:
        with pytest.raises(Unanswered, match="longer than 50ms"):
            await call(server, method="POST", timeout="50ms")


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with http_server() as server:
        pass
    with pytest.raises(NotSent):
        await call(server, method="POST")


@pytest.mark.parametrize("url", ["ftp://x.example", "file:///etc/passwd", "x.example", "http://", "http://u:p@x.example/", "http://x.example\\@127.0.0.1/", "http://x .example", "http://x.example/\r\nX: y", "//x.example", "http://x.example:99999", "http://[::1", "gopher://127.0.0.1:6379/_x"])  # fmt: skip
async def test_a_url_that_is_none_or_a_trick_is_refused(url: str) -> None:
    async with stage() as on:
        with pytest.raises(BadConfig):
            await perform(http_request, {"url": url}, on)


@pytest.mark.parametrize("headers", [{"X": "a\r\nEvil: 1"}, {"X\n": "a"}, {"X": "a\x00"}, {"Host": "other"}, {"content-length": "5"}, {"Transfer-Encoding": "chunked"}, {"Connection": "x"}, {"Proxy-Authorization": "x"}, {"": "x"}])  # fmt: skip
async def test_headers_that_break_out_of_their_line_are_refused(headers: dict[str, str]) -> None:
    async with http_server({"/": Reply()}) as server:
        with pytest.raises(BadConfig):
            await call(server, headers=headers)
    assert server.requests == []


@pytest.mark.parametrize("config", [{"json": {}, "body": "x"}, {"timeout": "soon"}, {"method": "TRACE"}, {"nonsense": 1}, {"accept": [200]}])  # fmt: skip
async def test_a_config_that_does_not_fit_names_its_field_and_shows_no_value(config: dict[str, Any]) -> None:
    with pytest.raises(BadConfig) as failure:
        http_request.validate({"url": "https://x.example/?hush", **config})
    assert "hush" not in failure.value.message


async def test_a_private_address_is_refused_also_behind_a_redirect() -> None:
    async with http_server({"/": Reply(302, headers={"Location": "http://10.0.0.1/latest"})}) as server:
        with pytest.raises(EgressRefused, match=r"10\.0\.0\.1"):
            await call(server)
    async with stage(allow="") as on:
        with pytest.raises(EgressRefused):
            await perform(http_request, {"url": "http://169.254.169.254/latest/meta-data"}, on)


@pytest.mark.parametrize(
    ("values", "name", "sent"),
    [
        ({"scheme": "bearer", "token": "hush-hush"}, "authorization", "Bearer hush-hush"),
        ({"scheme": "basic", "user": "shop", "password": "hush"}, "authorization", "Basic c2hvcDpodXNo"),
        ({"scheme": "header", "name": "X-Api-Key", "value": "hush"}, "x-api-key", "hush"),
    ],
)
async def test_a_credential_is_put_on_the_request(values: dict[str, Any], name: str, sent: str) -> None:
    async with http_server({"/": Reply()}) as server:
        await call(server, credential=token("127.0.0.1", **values), headers={name: "what the author wrote"})
    assert server.requests[0].headers[name] == sent


async def test_a_credential_in_the_query_stays_out_of_messages(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with http_server({"/": Reply(400)}) as server:
        with pytest.raises(HttpFailed) as failure:
            await call(server, "/?a=1", credential=token("127.0.0.1", scheme="query", name="key", value="hush&b=2"))
    assert server.requests[0].target == "/?a=1&key=hush%26b%3D2"
    assert "hush" not in f"{failure.value} {failure.value.details} {caplog.text}"


async def test_a_credential_is_never_sent_to_a_host_it_is_not_bound_to() -> None:
    async with http_server({"/": Reply()}) as server:
        for hosts in ((), ("pay.example",), ("127.0.0.1:1",)):
            with pytest.raises(CredentialRefused):
                await call(server, credential=token(*hosts))
    assert server.requests == []


@pytest.mark.parametrize("values", [{"scheme": "bearer"}, {"scheme": "basic", "user": "x"}, {"scheme": "odd"}, {"scheme": "bearer", "token": "a\r\nX: y"}, {"scheme": "header", "name": "a b", "value": "x"}])  # fmt: skip
async def test_a_broken_credential_says_what_is_missing_and_shows_nothing(values: dict[str, Any]) -> None:
    async with http_server({"/": Reply()}) as server:
        with pytest.raises(BadConfig) as failure:
            await call(server, credential=token("127.0.0.1", **values))
    assert "X: y" not in failure.value.message


async def test_secrets_follow_a_redirect_to_the_same_origin_and_to_no_other() -> None:
    secrets = {
        "headers": {"X-Api-Key": "hush", "Cookie": "hush", "Accept-Language": "ko"},
        "credential": token("127.0.0.1", "localhost"),
    }
    async with http_server({"/": Reply(body=b"{}"), "/there": Reply()}) as other:

        def away(request: Request) -> Reply:
            return Reply(302, headers={"Location": other.url("/there")})

        async with http_server(
            {"/": Reply(302, headers={"Location": "/here"}), "/here": Reply(), "/away": away}
        ) as server:
            await call(server, **secrets)
            assert server.requests[1].headers["authorization"] == "Bearer hush-hush"
            assert server.requests[1].headers["x-api-key"] == "hush"
            await call(server, "/away", **secrets)
    sent = other.requests[0].headers
    assert "hush" not in str(sent)
    assert sent["accept-language"] == "ko"


async def test_secrets_that_were_dropped_do_not_come_back() -> None:
    async with http_server() as other, http_server() as server:
        server.routes = {"/": Reply(302, headers={"Location": other.url("/")}), "/home": Reply()}
        other.routes = {"/": Reply(302, headers={"Location": server.url("/home")})}
        await call(server, credential=token("127.0.0.1"), headers={"X-Api-Key": "hush"})
    assert "hush" in str(server.requests[0].headers)
    assert "hush" not in str(server.requests[1].headers)


@pytest.mark.parametrize(("status", "method", "body"), [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"[1]"), (308, "POST", b"[1]")])  # fmt: skip
async def test_a_redirect_keeps_or_drops_the_body_by_its_status(status: int, method: str, body: bytes) -> None:
    async with http_server({"/": Reply(status, headers={"Location": "/next"}), "/next": Reply()}) as server:
        await call(server, method="POST", json=[1])
    assert (server.requests[1].method, server.requests[1].body) == (method, body)
    assert ("content-type" in server.requests[1].headers) == bool(body)


async def test_redirects_end() -> None:
    async with http_server({"/": Reply(302, headers={"Location": "/"})}) as server:
        with pytest.raises(Permanent, match="more than 5 times"):
            await call(server)
        assert len(server.requests) == 6
        assert (await call(server, max_redirects=0))["status"] == 302


@pytest.mark.parametrize("location", ["ftp://x.example/", "http://u:p@127.0.0.1/", "http://a b/", "javascript:alert(1)", "http://[", "http://x.example:0/", "\\\\evil"])  # fmt: skip
async def test_a_redirect_to_nowhere_sensible_is_refused(location: str) -> None:
    async with http_server({"/": Reply(302, headers={"Location": location})}) as server:
        with pytest.raises((BadConfig, EgressRefused), match=r"url|host name"):
            await call(server)
    assert len(server.requests) == 1


async def test_a_name_that_is_rebound_between_hops_is_checked_again() -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def rebinding(host: str, port: int) -> list[str]:
        return next(answers)

    guard = EgressGuard(parse_allowances(LOCAL), resolver=rebinding)
    async with http_server() as server, stage(egress=guard) as on:
        there = f"http://shop.example:{server.port}/next"
        server.routes = {"/": Reply(302, headers={"Location": there, "Connection": "close"}), "/next": Reply()}
        with pytest.raises(EgressRefused, match=r"10\.0\.0\.1"):
            await perform(http_request, {"url": server.url(host="shop.example")}, on)
    assert len(server.requests) == 1


async def test_a_fencing_token_is_sent_only_where_asked_and_never_without_a_lock() -> None:
    async with http_server({"/": Reply()}) as server, stage(lock_token=7) as on:
        await perform(http_request, {"url": server.url("/"), "fencing_header": "X-Fencing-Token"}, on)
        await perform(http_request, {"url": server.url("/")}, on)
        assert [request.headers.get("x-fencing-token") for request in server.requests] == ["7", None]
        on.lock_token = None
        with pytest.raises(Permanent, match="holds no lock"):
            await perform(http_request, {"url": server.url("/"), "fencing_header": "X-Fencing-Token"}, on)
        assert len(server.requests) == 2
