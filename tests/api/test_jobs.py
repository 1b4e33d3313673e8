"""Jobs over HTTP: counted, made, followed, told run by run, stopped."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from flows.models import Run
from flows.operations import run_search
from flows.operations.carrying import carry_jobs
from flows.operations.starting import start
from flows.security import safejson
from tests.cast import Person, flow
from tests.operations.test_dead_letters import failed


@pytest.mark.django_db(transaction=True)
def test_a_job_is_counted_made_followed_and_told(client: Client, editor: Person, operator: Person) -> None:
    (broken,) = failed(editor)
    one, made = broken.pk, broken.flow
    two = start(editor.actor, made.pk).run.id
    code = safejson.loads(broken.error or "")["code"]

    def post(path: str, body: dict[str, Any], who: Person = operator) -> Any:
        return client.post(path, body, content_type="application/json", headers=who.headers)

    chosen = {"flow": str(made.pk), "status": "failed,cancelled", "code": code}
    asked = {"action": "retry", "filter": chosen}
    counted = post("/api/jobs/count/", asked).json()
    assert (counted["count"], counted["limit"]) == (1, 100_000)
    chosen["until"] = counted["until"]
    job = post("/api/jobs/", asked)
    assert job.status_code == 201
    shown = job.json()
    assert (shown["status"], shown["total"], shown["by"]) == ("running", 1, "operator")
    assert shown["filter"] == {
        "flow": str(made.pk), "status": "failed,cancelled", "code": code,
        "until": counted["until"].replace("Z", "+00:00"),
    }  # fmt: skip
    again = post("/api/jobs/", {"action": "retry", "runs": [str(one), str(two)], "from": "start"}).json()
    carry_jobs(60.0)
    at = f"/api/jobs/{again['id']}/"
    followed = client.get(at, headers=operator.headers).json()
    assert (followed["status"], followed["done"], followed["refused"]) == ("done", 0, 2)
    (dealt, going) = client.get(f"{at}results/", headers=operator.headers).json()["results"]
    assert (dealt["run"], dealt["code"], going["code"]) == (str(one), "attended_already", "not_failed")
    korean = client.get(f"{at}results/?limit=1&cursor={one}", headers={**operator.headers, "Accept-Language": "ko"})
    (told,) = korean.json()["results"]
    assert told["message"].endswith("이 실행의 상태는 대기열입니다.")
    listed = client.get("/api/jobs/?limit=1", headers=operator.headers).json()
    assert [one["id"] for one in listed["results"]] == [again["id"]]
    assert listed["next"]
    (done,) = client.get(f"/api/jobs/{shown['id']}/results/?outcome=done", headers=operator.headers).json()["results"]
    assert Run.objects.get(pk=done["made"]).rerun_of_id == one


def test_a_job_is_stopped_by_who_may_and_foreign_ones_are_not_there(
    client: Client, editor: Person, viewer: Person, stranger: Person
) -> None:
    made = flow(editor.actor)
    start(editor.actor, made.pk)
    kind = "application/json"
    job = client.post("/api/jobs/", {"action": "cancel"}, content_type=kind, headers=editor.headers).json()
    at = f"/api/jobs/{job['id']}/"
    assert client.get(at, headers=viewer.headers).json()["id"] == job["id"]
    assert client.post(f"{at}stop/", headers=viewer.headers).status_code == 403
    for address in (at, f"{at}results/", f"/api/jobs/{uuid4()}/"):
        assert client.get(address, headers=stranger.headers).status_code == 404
    assert client.post(f"{at}stop/", headers=stranger.headers).status_code == 404
    assert client.post(f"{at}stop/", headers=editor.headers).json()["stopped_by"] == "editor"


def test_runs_are_listed_by_every_word_of_the_filter(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    one, two = (str(start(editor.actor, made.pk).run.id) for _ in range(2))
    error = '{"code":"timeout","class":"recoverable","message":"late","node":"two","step":"two","hint":""}'
    Run.objects.filter(pk=one).update(status="failed", finished_at=timezone.now(), error=error, is_test=True)

    def listed(**asked: str) -> list[str]:
        return [run["id"] for run in client.get("/api/runs/", asked, headers=editor.headers).json()["results"]]

    assert listed(code="timeout") == listed(test="true") == listed(status="failed") == [one]
    assert listed(code="other") == listed(until="2020-01-31T00:00:00Z") == []
    assert listed(test="false") == [two]
    assert listed(since="2020-01-31T00:00:00Z") == [two, one]
    refused = client.get("/api/runs/", {"since": "yesterday"}, headers=editor.headers)
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "/since")
    assert client.get("/api/runs/", {"code": 'x"y'}, headers=editor.headers).status_code == 422


def test_runs_are_counted_by_status_and_code_whatever_of_them_is_chosen(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    one, _, other = (start(editor.actor, made.pk).run.id for _ in range(3))
    error = '{"code":"timeout","class":"recoverable","message":"late","node":"two","step":"two","hint":""}'
    Run.objects.filter(pk=one).update(status="failed", finished_at=timezone.now(), error=error)
    Run.objects.filter(pk=other).update(is_test=True)
    at = f"/api/runs/counts/?flow={made.pk}&status=failed&code=odd"
    assert client.get(at, headers=editor.headers).json() == {
        "statuses": {"failed": 1, "queued": 2}, "codes": [{"code": "timeout", "count": 1}], "looked_at": 3,
        "is_all": True,
    }  # fmt: skip
    assert client.get(f"{at}&test=true", headers=editor.headers).json()["statuses"] == {"queued": 1}


@pytest.mark.parametrize(("page", "said"), [("runs", {"code": "timeout"}), ("flows", {"q": "late"})])
def test_a_filter_is_kept_listed_and_removed(
    client: Client, admin: Person, editor: Person, page: str, said: dict[str, str]
) -> None:
    at = f"/api/{page}/filters/"
    body = {"name": "late ones", "filter": said, "shared": True}
    kept = client.post(at, body, content_type="application/json", headers=admin.headers).json()
    (seen,) = client.get(at, headers=editor.headers).json()["results"]
    assert seen == {**kept, "mine": False} | {"by": "admin", "filter": said}
    assert client.delete(f"{at}{kept['id']}/", headers=editor.headers).status_code == 403
    assert client.delete(f"{at}{kept['id']}/", headers=admin.headers).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_runs_are_found_by_words_in_lists_counts_jobs_and_kept_filters(
    client: Client, editor: Person, operator: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    (broken,) = failed(editor)
    other = start(editor.actor, broken.flow_id, idempotency_key="order-12").run.id
    message = safejson.loads(broken.error or "")["message"]

    def found(query: dict[str, Any], who: Person = operator, path: str = "/api/runs/") -> list[str]:
        answer = client.get(path, query, headers=who.headers).json()
        assert set(answer) == {"results", "next"}, "nothing was left out"
        return [run["id"] for run in answer["results"]]

    assert found({"q": message.split()[0]}) == found({"q": message, "status": "failed"}) == [str(broken.pk)]
    assert (
        found({"q": "order-12"}) == found({"q": "order-12"}, path=f"/api/flows/{broken.flow_id}/runs/") == [str(other)]
    )
    assert found({"q": "order-12", "status": "failed"}) == found({"q": "order-12"}, stranger) == []
    assert client.get("/api/runs/counts/", {"q": "order-12"}, headers=operator.headers).json()["statuses"] == {
        "queued": 1
    }
    asked = {"action": "cancel", "filter": {"q": "order-12"}}
    for path, field, said in (("/api/jobs/count/", "count", 1), ("/api/jobs/", "filter", {"q": "order-12"})):
        answer = client.post(path, asked, content_type="application/json", headers=operator.headers).json()
        assert answer[field] == said
    kept = {"name": "That order", "filter": {"q": "order-12", "environment": "production"}}
    answer = client.post("/api/runs/filters/", kept, content_type="application/json", headers=operator.headers)
    assert (answer.status_code, answer.json()["filter"]) == (200, kept["filter"])
    for refused in ("\x00", "x" * 201):
        assert client.get("/api/runs/", {"q": refused}, headers=operator.headers).status_code in (400, 422)
    monkeypatch.setattr(run_search, "NUMBERS", 1)
    bounded = client.get("/api/runs/", {"q": "#1"}, headers=operator.headers).json()
    assert (bounded["results"], bounded["looked_back_to"][-1]) == ([], "Z")
    start(editor.actor, broken.flow_id, idempotency_key="order-13")
    monkeypatch.setattr(run_search, "HITS", 1)
    bounded = client.get("/api/runs/", {"q": "order-12 order-13"}, headers=operator.headers).json()
    assert (set(bounded), bounded["keys_looked_back_to"][-1]) == ({"results", "next", "keys_looked_back_to"}, "Z")
