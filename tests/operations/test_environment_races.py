"""Who starts, releases or proposes in an environment and who deletes or changes it at the same moment: one of them wins, the
other is told, and nothing is left that speaks of an environment there isn't, or that is live and lacks what it needs there."""

import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg
import pytest
from django.db import connection, transaction

from flows.errors import MulgilError, NotFound
from flows.journal.connection import connect_sync
from flows.models import Environment, Flow, Live, Proposal, Release, Run
from flows.operations.actor import Actor
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.drafts import save_draft
from flows.operations.environments import (
    EnvironmentInUse,
    NeededThere,
    Releasers,
    change_environment,
    create_environment,
    delete_environment,
)
from flows.operations.facts import NoValue
from flows.operations.promoting import promote
from flows.operations.proposals import approve, propose
from flows.operations.protection import NotReleaser, SecondNeeded
from flows.operations.publishing import publish
from flows.operations.releases import release, roll_back, start_canary
from flows.operations.starting import start
from tests.cast import CHAIN, flow, person

pytestmark = pytest.mark.django_db(transaction=True)

MOON: Final = "moon"
WAITING: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
Way = Callable[[Actor, Flow], Any]

WAYS: Final[dict[str, Way]] = {
    "a start of a version": lambda actor, made: start(actor, made.pk, version=1, environment=MOON),
    "a start of the draft": lambda actor, made: start_draft(actor, made.pk, DraftOrder(environment=MOON)),
    "a release": lambda actor, made: release(actor, made.pk, version=1, environment=MOON),
    "a proposal": lambda actor, made: propose(actor, made.pk, version=1, environment=MOON),
}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
TO_BE_LIVE: Final[dict[str, Way]] = {
    "a release": lambda actor, made: release(actor, made.pk, version=2, environment=MOON),
    "a rollback": lambda actor, made: roll_back(actor, made.pk, version=2, environment=MOON),
    "a canary": lambda actor, made: start_canary(actor, made.pk, version=2, weight=5, guards={}, environment=MOON),
    "a promotion": lambda actor, made: promote(actor, made.pk, to=MOON, version=2),
    "a proposal": lambda actor, made: propose(actor, made.pk, version=2, environment=MOON),
    "a second person's yes": lambda actor, made: approve(
        person("second", "admin").actor, made.pk, Proposal.objects.get(flow=made).pk
    ),
}


@pytest.fixture
def admin() -> Actor:
    return person("admin", "admin").actor


@pytest.fixture
def made(admin: Actor) -> Flow:
    """A flow that was never in the environment that comes and goes."""
    create_environment(admin, name=MOON)
    return flow(admin)


@pytest.fixture
def needy(admin: Actor, made: Flow) -> Flow:
    """Version 1 is live there; version 2, which needs a value that is given there, waits for a second person."""
    release(admin, made.pk, version=1, environment=MOON)
    change_environment(admin, MOON, vars={"base": "http://there"})
    save_draft(admin, made.pk, document=CHAIN | {"settings": {"vars": {"base": None}}}, revision=1)
    publish(admin, made.pk, release=False)
    propose(admin, made.pk, version=2, environment=MOON)
    return made


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """What the second gives or raises, begun once the first is done but not committed, which it is when the second waits."""
    came: list[Any] = []

    def begin() -> None:
        try:
            came.append(second())
        except MulgilError as error:
            came.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=begin)
    with transaction.atomic():
        first()
        thread.start()
        with connect_sync("test environment races") as watcher:
            _until_it_waits(watcher, thread)
    thread.join(60)
    (found,) = came
    return found


def _until_it_waits(watcher: psycopg.Connection[Any], thread: threading.Thread) -> None:
    for _ in range(3_000):
        if watcher.execute(WAITING).fetchone() == (1,) or not thread.is_alive():
            return
        watcher.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the second neither waited nor ended")


def speaking_of_nowhere() -> int:
    """How many rows name an environment that is gone."""
    known = Environment.objects.values("pk")
    named = Run.objects.filter(environment__isnull=False).exclude(environment_id__in=known).count()
    return named + sum(rows.objects.exclude(environment_id__in=known).count() for rows in (Release, Proposal))


@ways
def test_no_environment_goes_under_what_began_there(admin: Actor, made: Flow, way: Way) -> None:
    came = meanwhile(lambda: way(admin, made), lambda: delete_environment(admin, MOON))
    assert isinstance(came, EnvironmentInUse)
    assert Environment.objects.filter(name=MOON).count() == 1
    assert speaking_of_nowhere() == 0


@ways
def test_nothing_begins_in_an_environment_that_is_gone(admin: Actor, made: Flow, way: Way) -> None:
    came = meanwhile(lambda: delete_environment(admin, MOON), lambda: way(admin, made))
    assert isinstance(came, NotFound)
    assert came.fields == {"thing": "environment"}
    assert not Environment.objects.filter(name=MOON).exists()
    assert (Run.objects.count(), Release.objects.count(), Proposal.objects.count()) == (0, 1, 0)
    assert speaking_of_nowhere() == 0


@pytest.mark.parametrize(
    "second",
    [lambda actor: delete_environment(actor, MOON), lambda actor: change_environment(actor, MOON, place=7)],
    ids=["deleted again", "changed"],
)
def test_who_comes_second_is_told_that_it_is_gone(admin: Actor, made: Flow, second: Callable[[Actor], Any]) -> None:
    assert isinstance(meanwhile(lambda: delete_environment(admin, MOON), lambda: second(admin)), NotFound)


@pytest.mark.parametrize("way", TO_BE_LIVE.values(), ids=TO_BE_LIVE.keys())
def test_nothing_goes_live_without_what_is_taken_away_at_that_moment(admin: Actor, needy: Flow, way: Way) -> None:
    came = meanwhile(lambda: change_environment(admin, MOON, vars={}), lambda: way(admin, needy))
    assert isinstance(came, NoValue)
    standing = Live.objects.get(flow=needy, environment__name=MOON).release
    assert (standing.version.number, standing.canary) == (1, None)
    assert [one.outcome for one in Proposal.objects.filter(flow=needy)] == [""], "nothing was decided or replaced"


def test_nothing_is_taken_away_from_what_goes_live_at_that_moment(admin: Actor, needy: Flow) -> None:
    came = meanwhile(
        lambda: release(admin, needy.pk, version=2, environment=MOON), lambda: change_environment(admin, MOON, vars={})
    )
    assert isinstance(came, NeededThere)


@pytest.mark.parametrize("verb", ["a release", "a promotion", "a second person's yes"])
def test_who_may_is_known_when_it_goes_live(admin: Actor, needy: Flow, verb: str) -> None:
    nobody = Releasers(users=["nobody"])
    came = meanwhile(lambda: change_environment(admin, MOON, releasers=nobody), lambda: TO_BE_LIVE[verb](admin, needy))
    assert isinstance(came, NotReleaser)


def test_who_has_to_look_first_is_known_when_it_goes_live(admin: Actor, needy: Flow) -> None:
    came = meanwhile(
        lambda: change_environment(admin, MOON, needs_second=True),
        lambda: release(admin, needy.pk, version=2, environment=MOON),
    )
    assert isinstance(came, SecondNeeded)
