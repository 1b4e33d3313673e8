"""The site's own pages: what a stranger sees, what a user sees, what a browser may do there."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from builder_ui import built

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ada", password="a long enough one"))
    return client


@pytest.fixture
def built_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = {
        "src/main.tsx": {
            "file": "assets/main-0a1b2c3d.js",
            "isEntry": True,
            "css": ["assets/main-1.css"],
            "imports": ["_x.js"],
        },
        "_x.js": {"file": "assets/x-4e5f6a7b.js", "css": ["assets/x-2.css"]},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(built, "MANIFEST", tmp_path / "manifest.json")


def test_a_stranger_gets_the_sign_in_page_at_every_address_of_the_editor(client: Client) -> None:
    for path in ("/", "/flows/some-id", "/runs", "/credentials", "/settings/members", "/approvals"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert 'name="password"' in answer.content.decode()
        assert f'name="next" value="{path}"' in answer.content.decode()


def test_a_user_gets_the_editor_with_its_files_and_who_they_are(ada: Client, built_editor: None) -> None:
    page = ada.get("/").content.decode()
    assert '<script type="module" src="/static/builder/assets/main-0a1b2c3d.js"' in page
    assert '<link rel="modulepreload" href="/static/builder/assets/x-4e5f6a7b.js">' in page
    assert page.index("main-1.css") < page.index("x-2.css")
    found = re.search(r'<script id="bootstrap" type="application/json">(.*?)</script>', page)
    assert found is not None
    assert json.loads(found[1])["user"]["name"] == "ada"


def test_an_editor_that_was_never_built_is_told(ada: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(built, "MANIFEST", tmp_path / "manifest.json")
    answer = ada.get("/")
    assert answer.status_code == 503
    assert "build_editor" in answer.content.decode()


def test_signing_in_leads_where_one_wanted_to_go_and_nowhere_else(client: Client) -> None:
    User.objects.create_user("ada", password="a long enough one")
    right = {"username": "ada", "password": "a long enough one"}
    assert client.post("/sign-in/", {**right, "next": "/flows/1"}).headers["Location"] == "/flows/1"
    client.logout()
    assert client.post("/sign-in/", {**right, "next": "https://evil.example/"}).headers["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_name(client: Client) -> None:
    answer = client.post("/sign-in/", {"username": "ada<b>", "password": "wrong"})
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert 'value="ada&lt;b&gt;"' in page


def test_signing_out_takes_a_post(ada: Client) -> None:
    assert ada.get("/sign-out/").status_code == 405
    assert ada.post("/sign-out/").status_code == 302
    assert "_auth_user_id" not in ada.session


def test_a_changed_password_counts_at_once(ada: Client) -> None:
    new = "another long enough one"
    answer = ada.post("/password/", {"old_password": "a long enough one", "new_password1": new, "new_password2": new})
    assert answer.status_code == 302
    assert Client().login(username="ada", password=new)


def test_the_pages_speak_korean(client: Client) -> None:
    page = client.get("/sign-in/", headers={"Accept-Language": "ko"}).content.decode()
    assert '<html lang="ko">' in page
    assert "로그인" in page
    assert "사용자 이름" in page


def test_a_chosen_language_stays(client: Client) -> None:
    client.post("/language/", {"language": "ko", "next": "/sign-in/"})
    assert "로그인" in client.get("/sign-in/").content.decode()


def test_no_search_engine_is_invited(client: Client) -> None:
    assert "Disallow: /" in client.get("/robots.txt").content.decode()
    assert '<meta name="robots" content="none">' in client.get("/").content.decode()


def test_our_pages_run_only_scripts_that_carry_the_nonce(ada: Client, built_editor: None) -> None:
    first, second = ada.get("/"), ada.get("/")
    policy = first.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert nonce[1] in first.content.decode()
    assert nonce[1] not in second.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_admin_has_a_policy_of_its_own(client: Client) -> None:
    answer = client.get("/admin/login/")
    assert "'unsafe-eval'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_an_unknown_address_is_told_in_the_sites_own_look(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "brand/site.css" in answer.content.decode()


def test_a_form_of_another_site_is_refused() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "ada", "password": "x"})
    assert answer.status_code == 403
    assert "brand/site.css" in answer.content.decode()


@pytest.mark.parametrize("page", ["403_csrf.html", "500.html", "503.html"])
def test_what_broke_is_told_in_both_languages_and_nothing_is_asked_for_it(page: str) -> None:
    with CaptureQueriesContext(connection) as asked, override_settings(STATIC_URL="/gone/"):
        told = render_to_string(page)
    assert len(asked) == 0
    assert told.startswith("<!doctype html>")
    assert re.search(r"<h1>[A-Z].+</h1>", told)
    assert re.search(r'<p class="lead">[A-Z].+ <span lang="ko">[가-힣].+</span></p>', told)
    assert 'href="/static/brand/site.css"' in told


def test_who_calls_by_a_foreign_name_is_told_so_programs_as_programs_are(client: Client) -> None:
    for path in ("/api/flows/", "/hooks/home/orders"):
        told = client.get(path, headers={"Host": "evil.example", "Accept-Language": "ko"})
        assert (told.status_code, told["Content-Type"]) == (400, "application/problem+json")
        assert told.json().items() >= {"status": 400, "code": "bad_request"}.items()
        assert told.json()["hint"] == "MULGIL_ALLOWED_HOSTS에 그 이름을 적으세요."
    page = client.get("/", headers={"Host": "evil.example"})
    assert (page.status_code, page["Content-Type"]) == (400, "text/html; charset=utf-8")
