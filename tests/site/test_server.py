"""The web server's limits, shown on a real server: what is too large is refused before it is taken in."""

import base64
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from builder_ui.environment import PROJECT

SERVER = """
import socket, sys
from builder_ui.server import Server

async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text") or ""
            await send({"type": "websocket.send", "text": "x" * 300_000 if text == "much" else str(len(text))})
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})

bound = socket.socket()
bound.bind(("127.0.0.1", 0))
print(bound.getsockname()[1], flush=True)
Server(application, bound).run()
"""
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    found = int(server.stdout.readline())
    for _ in range(1000):
        try:
            socket.create_connection(("127.0.0.1", found), timeout=5).close()
            break
        except ConnectionRefusedError:
            os.sched_yield()
    yield found
    server.terminate()
    assert server.wait(10) == 0
    server.stdout.close()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def test_a_body_under_the_cap_arrives_whole(port: int) -> None:
    with connect(port) as connection:
        body = b"x" * (10 * MIB)
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        assert b"\r\n%d\r\n" % len(body) in read_all(connection)


def test_a_form_is_left_to_whoever_it_is_sent_to_even_a_broken_one(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=of\r\n"
    with connect(port) as connection:
        connection.sendall(head + b"Content-Length: 11\r\n\r\nno part yet")
        assert b"\r\n11\r\n" in read_all(connection)


def test_a_declared_length_over_the_cap_is_refused_before_the_body(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (10 * MIB + 1))
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in head
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (413, "body_too_large")
    assert problem["hint"]


def test_an_absurd_length_is_refused_too(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999999\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


def test_chunks_are_counted_and_the_client_hears_why(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"%x\r\n" % MIB + b"x" * MIB + b"\r\n"
        for _ in range(11):
            connection.sendall(chunk)
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


def test_a_refused_connection_leaves_the_server_well(port: int) -> None:
    for _ in range(20):
        with connect(port) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nhalf" % (50 * MIB))
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")


def open_websocket(port: int) -> socket.socket:
    connection = connect(port)
    key = base64.b64encode(b"0123456789abcdef")
    connection.sendall(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
    )
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(4096)
    assert received.startswith(b"HTTP/1.1 101 ")
    return connection


def text_frame(size: int) -> bytes:
    # Masked with zeros, which leaves the text as it is.
    return b"\x81\xff" + size.to_bytes(8, "big") + bytes(4) + b"x" * size


def test_a_frame_of_64_kib_is_taken(port: int) -> None:
    with open_websocket(port) as connection:
        connection.sendall(text_frame(64 * 1024))
        assert connection.recv(100) == b"\x81\x0565536"


def test_a_larger_frame_ends_the_connection(port: int) -> None:
    with open_websocket(port) as connection:
        connection.sendall(text_frame(64 * 1024 + 1))
        received = b""
        with contextlib.suppress(ConnectionResetError):
            received = read_all(connection)
    assert b"65537" not in received


def test_what_is_sent_may_be_larger_than_what_may_come_in(port: int) -> None:
    with open_websocket(port) as connection:
        connection.sendall(b"\x81\x84" + bytes(4) + b"much")
        received = b""
        while len(received) < 300_000 and (part := connection.recv(65_536)):
            received += part
        assert received[:10] == b"\x81\x7f" + (300_000).to_bytes(8, "big")
        connection.sendall(text_frame(64 * 1024 + 1))
        with contextlib.suppress(ConnectionResetError):
            received = read_all(connection)
    assert b"65537" not in received
