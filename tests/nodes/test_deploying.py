"""Deploying models to a real server: what it is asked for, in which order, and what stands after a failure."""

from typing import Any

import pytest

from flows.nodes import ml_exchange
from flows.nodes.base import Again, Answer, BadConfig, Credential, Effect, NodeError, Recoverable
from flows.nodes.deploying import deploy, variant_name
from flows.nodes.ml_registry import ModelVersion
from flows.nodes.ml_rollout import Course, shared
from tests.nodes.deploying_house import NEW, house
from tests.nodes.models_server import Models
from tests.nodes.stage import NOW


async def test_all_at_once_gives_the_new_version_every_request_and_takes_the_old_away() -> None:
    async with house() as at:
        told = await at.deployed(set_alias="champion")
    assert told == {
        "model": "churn",
        "version": "8",
        "uri": "s3://models/churn/8",
        "endpoint": "churn",
        "environment": "production",
        "variant": NEW,
        "strategy": "all_at_once",
        "previous": "7",
        "replaced": ["old"],
        "alias": "champion",
    }
    assert at.models.weights == [{"old": 0, NEW: 100}]
    assert at.weights == {NEW: 100}
    assert at.models.aliases["champion"] == "8"
    assert at.models.variants[NEW]["environment"] == "production"


async def test_the_first_deployment_finds_no_endpoint() -> None:
    async with house(Models()) as at:
        assert (await at.deployed(strategy="canary"))["previous"] == ""
    assert at.weights == {NEW: 100}


async def test_a_canary_moves_step_by_step_and_is_watched_at_each() -> None:
    async with house() as at:
        await at.deployed(strategy="canary", steps=[5, 50], hold="20m")
    assert at.models.weights == [{"old": 95, NEW: 5}, {"old": 50, NEW: 50}, {"old": 0, NEW: 100}]
    assert at.minutes == 40
    assert at.weights == {NEW: 100}


async def test_blue_green_switches_at_once_and_keeps_the_old_for_its_grace() -> None:
    async with house() as at:
        while not (at.goes and at.goes[-1].state["phase"] == "settle"):
            await at.go(strategy="blue_green", grace="30m")
            assert "old" in at.models.variants
        assert (at.weights, at.minutes) == ({"old": 0, NEW: 100}, 30)
        await at.deployed(strategy="blue_green", grace="30m")
    assert at.weights == {NEW: 100}


async def test_nothing_is_changed_before_what_stood_is_journaled() -> None:
    async with house() as at:
        first = await at.go()
        assert isinstance(first, Again)
        assert (first.instant, first.state["before"], first.state["phase"]) == (NOW, {"old": 100}, "place")
        assert {request.method for request in at.server.requests} == {"GET"}


async def test_the_version_is_resolved_once_however_the_alias_moves_meanwhile() -> None:
    async with house() as at:
        await at.go()
        at.models.aliases["candidate"] = "9"
        assert (await at.deployed())["version"] == "8"


@pytest.mark.parametrize("strategy", ["all_at_once", "canary", "blue_green"])
async def test_each_go_done_twice_comes_to_the_same(strategy: str) -> None:
    config = {"strategy": strategy, "steps": [50], "hold": "1m", "grace": "1m"}
    async with house() as once:
        await once.deployed(**config)
    async with house() as twice:
        result: Any = None
        while not isinstance(result, Answer):
            state, began = twice.on.state, twice.on.began
            await twice.go(**config)  # and its process died before the journal had it
            twice.on.state, twice.on.began = state, began
            result = await twice.go(**config)
    assert twice.weights == once.weights == {NEW: 100}
    assert set(twice.models.keys) == set(once.models.keys)
    assert len(twice.models.keys) == 2 * len(once.models.keys)


async def test_each_go_tells_how_far_it_is() -> None:
    async with house() as at:
        await at.deployed(strategy="canary", steps=[5, 50], environment="staging")
    assert list(dict.fromkeys((one["share"], one["state"]) for one in at.records)) == [
        *((share, "under_way") for share in (0, 5, 50, 100)),
        (100, "succeeded"),
    ]
    last = at.records[-1]
    assert (last["environment"], last["model"], last["version"], last["previous"]) == ("staging", "churn", "8", "7")
    assert (last["target"], last["reason"]) == (at.server.url(""), "")


# --- what is not well -------------------------------------------------------------------------------------


async def test_a_variant_that_starts_slowly_is_waited_for() -> None:
    async with house() as at:
        at.models.states = ["starting"] * 3 + ["ready"]
        await at.deployed()
    assert at.weights == {NEW: 100}
    assert at.minutes == 0.75  # three looks before the last


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        (["starting"], "it was not healthy in time: the target says that it is starting: loading"),
        (["failed"], "the target says that the variant failed: no memory"),
        (["ready", "ready", "failed"], "the target says that the variant failed: no memory"),
    ],
    ids=["never ready", "failed", "failed with requests"],
)
async def test_a_variant_that_is_not_well_leaves_the_old_one_serving(states: list[str], reason: str) -> None:
    async with house() as at:
        at.models.states = list(states)
        failed = await at.fails(strategy="canary", patience="5m")
    assert (failed.code, failed.klass) == ("deployment_failed", "permanent")
    assert failed.deployment is not None
    assert (failed.deployment["state"], failed.deployment["share"]) == ("failed", 0)
    assert failed.message == (f"Version 8 of churn was not deployed to churn: {reason}. What served before serves on.")
    assert at.weights == {"old": 100}


async def test_a_health_check_that_fails_under_load_takes_the_deployment_back() -> None:
    async with house() as at:
        url = at.server.url("/health")
        while not at.models.weights:
            await at.go(strategy="canary", health_url=url)
        at.models.is_health_good = False
        failed = await at.fails(strategy="canary", health_url=url)
    assert "The health check answered 500: out of memory" in failed.message
    assert at.weights == {"old": 100}


@pytest.mark.parametrize(
    ("figures", "limits", "reason"),
    [
        ({"requests": 200, "errors": 9}, {"max_error_rate": 0.02}, "4.5% of 200 requests failed, more than 2.0%"),
        ({"requests": 200, "p99_ms": 900}, {"max_p99_ms": 500}, "its p99 is 900 ms, more than 500 ms"),
    ],
    ids=["errors", "p99"],
)
async def test_a_canary_over_its_limits_is_taken_back(
    figures: dict[str, float], limits: dict[str, float], reason: str
) -> None:
    async with house() as at:
        while not at.models.weights:
            await at.go(strategy="canary", **limits)
        at.models.figures = figures
        failed = await at.fails(strategy="canary", **limits)
    assert reason in failed.message
    assert at.weights == {"old": 100}


async def test_a_few_requests_say_nothing() -> None:
    async with house() as at:
        at.models.figures = {"requests": 19, "errors": 19}
        await at.deployed(strategy="canary", max_error_rate=0.02)
    assert at.weights == {NEW: 100}


@pytest.mark.parametrize("what", ["PUT /endpoints/churn/variants", "PUT /endpoints/churn/weights", "GET /endpoints"])
async def test_a_target_that_flaps_is_asked_again(what: str) -> None:
    async with house() as at:
        await at.go()
        at.models.busy[what] = 4
        await at.deployed()
    assert at.weights == {NEW: 100}


async def test_a_target_in_trouble_for_long_leaves_the_old_one_serving() -> None:
    async with house() as at:
        at.models.busy["PUT /endpoints/churn/weights"] = 5
        failed = await at.fails()
    assert "The target answered 503: not now" in failed.message
    assert at.weights == {"old": 100}
    assert at.models.weights == [{"old": 100, NEW: 0}]


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (b"[" * 65 + b"]" * 65, "JSON nested 65 deep is over the limit of 64"),
        (b" " * (4 * 2**20 + 1), "The answer is 4194305, over the limit of 4194304"),
    ],
    ids=["too deep", "too large"],
)
async def test_an_answer_beyond_the_limits_leaves_the_old_one_serving(says: bytes, why: str) -> None:
    async with house() as at:
        while not at.models.weights:
            await at.go(strategy="canary")
        at.models.says = [says]
        failed = await at.fails(strategy="canary")
    assert (failed.code, why in failed.message) == ("deployment_failed", True)
    assert at.weights == {"old": 100}


async def test_a_credential_that_may_not_go_there_any_more_is_trouble_like_any_other() -> None:
    there, nowhere = (Credential("models", "ml", {"target_token": "t0ken"}, hosts) for hosts in (("127.0.0.1",), ()))
    async with house(credential=there) as at:
        while not at.models.weights:
            await at.go(strategy="canary")
        at.on.credential = nowhere
        failed = await at.fails(strategy="canary")
    assert (failed.code, failed.details) == ("deployment_not_put_back", {"weights": {"old": 100}, "remove": NEW})


async def test_a_health_address_that_nodes_may_not_reach_is_not_well() -> None:
    async with house() as at:
        failed = await at.fails(health_url="http://10.0.0.1/health", patience="1m")
    assert "Nodes may not reach" in failed.message
    assert at.weights == {"old": 100}


async def test_what_a_target_says_at_length_or_of_a_secret_is_not_kept_so() -> None:
    credential = Credential("models", "ml", {"target_token": "t0ken-of-ours"}, ("127.0.0.1",))
    async with house(credential=credential) as at:
        at.models.states, at.models.why = ["ready", "failed"], "t0ken-of-ours is " + "x" * 40_000
        failed = await at.fails(strategy="canary")
    assert at.weights == {"old": 100}
    assert "t0ken-of-ours" not in failed.message
    (back,) = [one for one in at.goes if one.state["phase"] == "back"]
    assert "t0ken-of-ours" not in str(back.state)
    assert len(str(back.state)) < 2_000, "it is journaled, and may be no larger than the journal takes"


async def test_a_target_that_never_answers_again_is_a_critical_failure_that_names_the_weights() -> None:
    async with house() as at:
        while at.weights.get(NEW) != 5:
            await at.go(strategy="canary")
        at.models.busy["PUT /endpoints/churn"] = 1_000
        failed = await at.fails(strategy="canary")
    assert (failed.code, failed.klass) == ("deployment_not_put_back", "critical")
    assert failed.details == {"weights": {"old": 100}, "remove": NEW}
    assert at.minutes > 30  # it was tried for long
    assert failed.deployment is not None
    assert (failed.deployment["state"], failed.deployment["share"]) == ("abandoned", 5), "nothing was put back"


async def test_a_variant_that_the_target_refuses_to_place_has_moved_nothing_and_there_is_nothing_to_put_back() -> None:
    async with house() as at:
        at.models.refused = "PUT /endpoints/churn/variants"
        failed = await at.fails()
    assert (failed.code, at.weights, at.models.weights) == ("deployment_failed", {"old": 100}, [])
    assert "The target answered 403: not you" in failed.message
    assert at.minutes < 1


@pytest.mark.parametrize("times", [2, 5], ids=["a while", "too long"])
async def test_a_target_that_falls_silent_is_trouble_as_any_other(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    monkeypatch.setattr(ml_exchange, "SECONDS", 0.3)
    async with house() as at:
        at.models.silent["PUT /endpoints/churn/weights"] = times
        if times == 2:
            await at.deployed()
            assert at.weights == {NEW: 100}
        else:
            assert "took longer than 0 s" in (await at.fails()).message
            assert at.weights == {"old": 100}


async def test_a_go_is_through_before_its_attempt_is_cut_for_else_nothing_would_be_put_back() -> None:
    async with house() as at:
        while at.weights.get(NEW) != 5:
            await at.go(strategy="canary")
        at.models.silent["GET /endpoints"] = 5
        failed = None
        while failed is None:
            at.on.deadline = at.on.began + 300_000
            try:
                await at.go(strategy="canary")
            except NodeError as error:
                failed = error
    assert "the time of the attempt was over before the target had answered" in failed.message
    assert (failed.code, at.weights) == ("deployment_failed", {"old": 100})


async def test_trouble_before_the_first_change_is_left_to_the_retries_of_the_node() -> None:
    async with house() as at:
        at.models.busy["GET /endpoints"] = 1
        with pytest.raises(Recoverable, match="The target answered 503"):
            await at.go()
    assert at.models.keys == []


async def test_an_alias_that_cannot_be_set_takes_nothing_back() -> None:
    async with house() as at:
        at.models.busy["POST /api/2.0/mlflow/registered-models/alias"] = 1_000
        failed = await at.fails(set_alias="champion")
    assert failed.code == "deployment_not_settled"
    assert at.weights == {NEW: 100}


async def test_the_target_is_told_who_asks_and_the_health_address_is_not() -> None:
    credential = Credential("models", "ml", {"target_token": "t0ken"}, ("127.0.0.1",))
    async with house(credential=credential) as at:
        await at.deployed(health_url=at.server.url("/health"))
    told = {
        request.target.split("/")[1].partition("?")[0]: request.headers.get("authorization")
        for request in at.server.requests
    }
    assert told == {"api": None, "endpoints": "Bearer t0ken", "health": None}


# --- its form, and small things --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [
        {"strategy": "canary", "steps": [50, 5]},
        {"strategy": "canary", "steps": []},
        {"environment": "Prod!"},
        {"environment": "dev\n"},
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused(config: dict[str, Any]) -> None:
    async with house() as at:
        with pytest.raises(BadConfig):
            await at.go(**config)
    assert at.server.requests == []


def test_several_that_served_keep_their_parts_of_the_rest() -> None:
    course = Course(model=ModelVersion("m", "2", ""), variant="new", before={"a": 3, "b": 1, "c": 0})
    assert shared(course, 20) == {"a": 60, "b": 20, "c": 0, "new": 20}
    assert shared(course, 100) == {"a": 0, "b": 0, "c": 0, "new": 100}


def test_its_effect_is_what_it_says() -> None:
    assert deploy.effect({}) is Effect.KEYED


def test_the_name_of_a_variant_fits_any_target() -> None:
    name = variant_name("한국/Churn model (v2)" + "x" * 200, "1234567890", "key")
    assert len(name) <= 63
    assert name.replace("-", "").isascii()
    assert name != variant_name("한국/Churn model (v2)" + "x" * 200, "1234567890", "other key")
