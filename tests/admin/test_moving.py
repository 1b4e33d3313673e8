"""Runs that wait, moved to another version in the admin: looked at, asked for with a reason, answered one by one."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.engine.events import RunMoved
from flows.models import Inbox, Job, Run, Version
from flows.operations import steering
from flows.operations.actor import Actor
from flows.operations.carrying import carry_jobs
from tests.cast import Person, person
from tests.operations.parked import goes_by, parked
from tests.runtime.house import drive, journal

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/flows/run/move/"


@pytest.fixture
def owner() -> Person:
    return person("owner", "admin")


def signed_in(client: Client, actor: Actor, *, staff: bool = True) -> Client:
    user = User.objects.get(username=actor.name)
    user.is_staff = staff
    user.save()
    client.force_login(user)
    return client


def of(*runs: Run) -> str:
    return f"{PAGE}?runs={','.join(str(run.pk) for run in runs)}"


def asked(*runs: Run, to: int, **rest: str) -> dict[str, object]:
    return {"run": [str(run.pk) for run in runs], "to": to, "once": str(uuid4()), "reason": "", **rest}


def boxes(page: str) -> list[str]:
    return re.findall(r'<input type="checkbox" name="run"[^>]* (checked|disabled)>', page)


def test_chosen_runs_are_looked_at_and_moved_and_each_says_what_it_answers(client: Client, owner: Person) -> None:
    _, runs = parked(owner, 2)
    signed_in(client, owner.actor)
    there = client.post(
        "/admin/flows/run/", {"action": "move_chosen", "_selected_action": [str(run.pk) for run in runs]}
    )
    assert (there.status_code, there.headers["Location"].partition("?")[0]) == (302, PAGE)
    page = client.get(f"{there.headers['Location']}&to=2").content.decode()
    assert boxes(page) == ["checked", "checked"]
    assert page.count("paid goes on waiting for the signal paid.") == 2
    assert "Move the chosen runs to v2" in page
    assert not Inbox.objects.exists(), "a look asks for nothing"
    steering.cancel(owner.actor, runs[1].pk)
    drive()
    done = client.post(of(*runs), asked(*runs, to=2, reason="the old one said old")).content.decode()
    assert done.count("It moves as soon as no step of it is under way.") == 1
    assert done.count("The run has ended: it cancelled.") == 1
    drive()
    assert [goes_by(run) for run in runs] == [(2, "waiting"), (1, "cancelled")]
    (event,) = [event for event in journal(runs[0]) if isinstance(event, RunMoved)]
    assert (event.by, event.reason, event.version) == ("owner", "the old one said old", 2)


def test_what_is_against_it_is_told_and_such_a_run_has_no_button(client: Client, owner: Person) -> None:
    _, (run,) = parked(owner)
    signed_in(client, owner.actor)
    page = client.get(f"{of(run)}&to=3").content.decode()
    assert "paid has begun, and in the new version something before it has not led there" in page
    assert boxes(page) == ["disabled"]
    assert 'name="move"' not in page
    refused = client.post(of(run), asked(run, to=3)).content.decode()
    assert "The run can&#x27;t be moved to version 3: paid has begun" in refused
    assert not Inbox.objects.exists()


def test_the_page_speaks_the_readers_language(client: Client, owner: Person) -> None:
    _, (run,) = parked(owner)
    signed_in(client, owner.actor)
    page = client.get(f"{of(run)}&to=2", headers={"Accept-Language": "ko"}).content.decode()
    for told in ("paid: paid 신호를 계속 기다립니다.", "선택한 실행을 v2 버전으로 옮기기", "옮길 버전"):
        assert told in page
    misfit = client.get(f"{of(run)}&to=3", headers={"Accept-Language": "ko"}).content.decode()
    assert "something before it" not in misfit


@pytest.mark.parametrize("place", ["flow", "version"])
def test_the_pages_of_a_flow_and_of_a_version_lead_to_their_runs(client: Client, owner: Person, place: str) -> None:
    made, runs = parked(owner, 2)
    signed_in(client, owner.actor)
    named = made.pk if place == "flow" else Version.objects.get(flow=made, number=1).pk
    address = f"{PAGE}?{place}={named}"
    assert address in client.get(f"/admin/flows/{place}/{named}/change/").content.decode()
    page = client.get(f"{address}&to=2").content.decode()
    assert boxes(page) == ["checked", "checked"]
    client.post(address, asked(runs[0], to=2))
    drive()
    assert [goes_by(run)[0] for run in runs] == [2, 1], "who is not ticked stays"
    elsewhere = Version.objects.get(flow=made, number=3).pk
    assert "No run goes on that could be moved." in client.get(f"{PAGE}?version={elsewhere}").content.decode()


def test_a_page_that_is_sent_twice_asks_once(client: Client, owner: Person) -> None:
    _, (run,) = parked(owner)
    signed_in(client, owner.actor)
    order = asked(run, to=2)
    for _ in range(2):
        assert "It moves as soon as" in client.post(of(run), order).content.decode()
    assert Inbox.objects.count() == 1


def test_without_a_run_that_is_ticked_nothing_is_asked(client: Client, owner: Person) -> None:
    _, (run,) = parked(owner)
    signed_in(client, owner.actor)
    page = client.post(of(run), asked(to=2)).content.decode()
    assert "No run was chosen." in page
    assert boxes(page) == ["checked"]
    assert not Inbox.objects.exists()


def test_runs_of_two_flows_are_not_moved_together(client: Client, owner: Person) -> None:
    (_, one), (_, other) = parked(owner), parked(owner)
    signed_in(client, owner.actor)
    page = client.get(of(*one, *other), follow=True).content.decode()
    assert "Only runs of one flow can be moved together." in page


def test_the_way_there_stands_at_a_run_that_goes_on_alone(client: Client, owner: Person) -> None:
    _, (run,) = parked(owner)
    signed_in(client, owner.actor)
    where = f"/admin/flows/run/{run.pk}/change/"
    page = client.get(where).content.decode()
    assert of(run) in page
    assert "(&#x27;waiting&#x27;" not in page, "its status is a word"
    steering.cancel(owner.actor, run.pk)
    drive()
    assert PAGE not in client.get(where).content.decode()


def test_who_has_no_right_sees_no_button_and_gets_no_page(client: Client, owner: Person) -> None:
    made, (run,) = parked(owner)
    for name, role in (("editor", "editor"), ("operator", "operator"), ("viewer", "viewer")):
        signed_in(client, person(name, role).actor)
        for where in (of(run), f"{PAGE}?flow={made.pk}", f"/admin/flows/run/{run.pk}/change/", "/admin/flows/run/"):
            answer = client.get(where)
            assert answer.status_code == 403
            assert "move_chosen" not in answer.content.decode()
        assert client.post(of(run), asked(run, to=2)).status_code == 403
    signed_in(client, person("stranger", "admin", home="elsewhere").actor)
    for where in (of(run), f"{PAGE}?flow={made.pk}", f"{PAGE}?version={Version.objects.filter(flow=made)[0].pk}"):
        assert client.get(where).status_code == 404
        assert client.post(where, asked(run, to=2)).status_code == 404
    assert (
        client.post("/admin/flows/run/", {"action": "move_chosen", "_selected_action": [str(run.pk)]}).status_code
        == 302
    )
    signed_in(client, person("worker", "admin").actor, staff=False)
    assert client.get(of(run)).headers["Location"].startswith("/admin/login/")
    assert not Inbox.objects.exists()


def test_what_is_nothing_is_not_there(client: Client, owner: Person) -> None:
    signed_in(client, owner.actor)
    for query in ("", "?runs=x", "?flow=", f"?runs={uuid4()}", f"?version={uuid4()}", "?runs=,", "?picked=yes"):
        assert client.get(f"{PAGE}{query}").status_code == 404


@pytest.mark.parametrize("to", ["9" * 5_000, "٣", "-1", "2.0", "\x00"])
def test_a_version_there_can_not_be_is_not_looked_at(client: Client, owner: Person, to: str) -> None:
    _, (run,) = parked(owner)
    signed_in(client, owner.actor)
    asked = {"runs": str(run.pk), "to": to}
    assert "Move runs to v3" in client.get(PAGE, asked).content.decode(), "the newest, as if nothing was asked"
    assert client.post(of(run), {"run": [str(run.pk)], "to": to, "once": "no"}).status_code == 200
    assert not Inbox.objects.exists()


def carried() -> Job:
    while carry_jobs(60.0):
        pass
    drive()
    return Job.objects.get()


@pytest.mark.parametrize("place", ["flow", "version"])
def test_more_runs_than_are_shown_are_moved_by_a_job_and_that_is_said_before_the_button(
    client: Client, owner: Person, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr("flows.admin.moving.MOST", 1)
    made, runs = parked(owner, 3)
    signed_in(client, owner.actor)
    address = f"{PAGE}?{place}={made.pk if place == 'flow' else Version.objects.get(flow=made, number=1).pk}"
    page = client.get(f"{address}&to=2").content.decode()
    assert boxes(page) == ["checked"]
    said = page.index("The newest 1 are shown and moved one by one here; 3 would be asked in all.")
    assert said < page.index('name="move"') < page.index("Move all 3 to v2 as a job")
    assert not Job.objects.exists(), "a look asks for nothing"
    there = client.post(address, asked(to=2, all="yes", reason="the old one said old"))
    job = Job.objects.get()
    assert there.headers["Location"] == f"/admin/flows/job/{job.pk}/change/"
    assert (job.actor, job.total, job.options) == ("owner", 3, {"to": 2, "reason": "the old one said old"})
    done = carried()
    assert (done.status, done.done) == ("done", 3)
    assert [goes_by(run) for run in runs] == [(2, "waiting")] * 3


def test_runs_picked_in_the_list_that_are_more_than_are_shown_are_moved_by_a_job(
    client: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.admin.moving.MOST", 1)
    _, runs = parked(owner, 3)
    signed_in(client, owner.actor)
    pick = {"action": "move_chosen", "_selected_action": [str(run.pk) for run in runs[:2]]}
    there = client.post("/admin/flows/run/", pick).headers["Location"]
    assert there == f"{PAGE}?picked=yes"
    assert boxes(client.get(f"{there}&to=2").content.decode()) == ["checked"]
    with monkeypatch.context() as full:
        full.setattr("flows.operations.jobs.MAX_JOBS", 0)
        page = client.post(there, asked(to=2, all="yes"), follow=True).content.decode()
        assert "0 jobs are going on in this workspace, as many as may." in page
    client.post(there, asked(to=2, all="yes"))
    carried()
    assert [goes_by(run)[0] for run in runs] == [2, 2, 1], "who wasn't picked stays"
    with monkeypatch.context() as few:
        few.setattr("flows.admin.moving.MAX_CHOSEN", 1)
        assert "At most 1 runs are picked here." in client.post("/admin/flows/run/", pick, follow=True).content.decode()


def test_a_superuser_who_is_no_member_has_a_job_carried_too(
    client: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.admin.moving.MOST", 1)
    made, runs = parked(owner, 2)
    client.force_login(User.objects.create_superuser("root", "root@mulgil.example", "pw"))
    client.post(f"{PAGE}?flow={made.pk}", asked(to=2, all="yes"))
    job = carried()
    assert (job.actor, job.status, job.done) == ("root", "done", 2)
    assert [goes_by(run)[0] for run in runs] == [2, 2]


def test_where_all_are_shown_no_job_is_offered_and_none_is_made(client: Client, owner: Person) -> None:
    made, (run,) = parked(owner)
    signed_in(client, owner.actor)
    assert "as a job" not in client.get(f"{PAGE}?flow={made.pk}&to=2").content.decode()
    client.post(f"{PAGE}?flow={made.pk}", asked(run, to=2, all="yes"))
    assert (Job.objects.count(), Inbox.objects.count()) == (0, 1), "the one that is shown was ticked"
