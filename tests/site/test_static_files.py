"""Static files: answered before Django, kept by browsers as long as their names allow, nothing else reachable."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from builder_ui import static_files
from builder_ui.static_files import StaticFiles


async def passed_on(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def get(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    await StaticFiles(passed_on)(scope, None, send)  # type: ignore[arg-type]  # nothing is received
    start, *rest = sent
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], found, b"".join(message["body"] for message in rest)


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> Path:
    assets = tmp_path / "builder" / "assets"
    assets.mkdir(parents=True)
    (assets / "main-0a1b2c3d.js").write_text("x" * 200_000)
    (assets / "main-0a1b2c3d.js.gz").write_bytes(b"packed")
    (tmp_path / "builder" / "plain.css").write_text("a{}")
    (tmp_path.parent / "secret.txt").write_text("secret")
    settings.STATICFILES_DIRS = [tmp_path]
    return tmp_path


@pytest.fixture(autouse=True)
def fresh_list() -> Iterator[None]:
    finders.get_finder.cache_clear()
    static_files._files.cache_clear()
    yield
    finders.get_finder.cache_clear()
    static_files._files.cache_clear()


async def test_a_fingerprinted_file_is_kept_for_ever_and_sent_whole(built: Path) -> None:
    status, headers, body = await get("/static/builder/assets/main-0a1b2c3d.js")
    assert (status, len(body)) == (200, 200_000)
    assert "immutable" in headers["cache-control"]


async def test_the_packed_variant_is_sent_to_who_takes_it(built: Path) -> None:
    _, headers, body = await get("/static/builder/assets/main-0a1b2c3d.js", accept_encoding="gzip, br")
    assert (headers["content-encoding"], body) == ("gzip", b"packed")


async def test_another_file_is_kept_for_an_hour_and_asked_for_again(built: Path) -> None:
    _, headers, _ = await get("/static/builder/plain.css")
    assert headers["cache-control"] == "max-age=3600, public"
    status, _, body = await get("/static/builder/plain.css", if_none_match=headers["etag"])
    assert (status, body) == (304, b"")


async def test_the_admins_files_are_there_without_collecting_them() -> None:
    assert (await get("/static/admin/css/base.css"))[0] == 200


@pytest.mark.parametrize(
    "path", ["/static/../secret.txt", "/static/builder/%2e%2e/secret.txt", "/static/", "/", "/static/builder/"]
)
async def test_everything_else_is_handed_on(built: Path, path: str) -> None:
    assert (await get(path))[0] == 299


async def test_a_new_build_is_seen_without_a_restart(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await get("/static/builder/new.css"))[0] == 299
    (built / "builder" / "new.css").write_text("b{}")
    monkeypatch.setattr(static_files, "built_at", lambda: 1)
    assert (await get("/static/builder/new.css"))[0] == 200
