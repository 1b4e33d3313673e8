"""Deployments that nobody waits for any more, that came second to their endpoint, or whose settings changed meanwhile."""

import orjson
import pytest

from flows.dsl.validate import validate
from flows.nodes.base import Again, Answer, NodeError
from flows.nodes.installed import catalogue
from flows.nodes.ml_rollout import MOST_SAID, TRIES, CourseTooLong
from flows.security import safejson
from flows.security.limits import LIMITS
from tests.nodes.deploying_house import NEW, house
from tests.nodes.models_server import Models


@pytest.mark.parametrize("moved", [0, 5, 100])
async def test_one_that_is_left_puts_everything_back_in_a_single_go(moved: int) -> None:
    plan = {"strategy": "canary", "steps": [5], "grace": "1h"}
    async with house() as at:
        while at.weights.get(NEW) != moved:
            await at.go(**plan)
        at.on.leaving = True
        with pytest.raises(NodeError) as failed:
            await at.go(**plan)
    assert (failed.value.code, at.weights) == ("deployment_failed", {"old": 100})
    assert "its run went on without it or ended before it was through" in failed.value.message
    assert failed.value.deployment is not None
    assert (failed.value.deployment["state"], failed.value.deployment["share"]) == ("failed", 0)


async def test_one_that_is_left_before_it_changed_anything_touches_no_weights() -> None:
    async with house() as at:
        await at.go()
        at.models.variants["old"]["weight"], at.models.variants["other"] = 60, {"version": "6", "weight": 40}
        at.on.leaving = True
        with pytest.raises(NodeError, match="What served before serves on"):
            await at.go()
    assert at.weights == {"old": 60, "other": 40}, "what others do meanwhile is not its business"


async def test_one_that_is_left_when_the_new_version_serves_alone_is_brought_to_its_end() -> None:
    async with house() as at:
        while not (at.goes and at.goes[-1].state["phase"] == "settle"):
            await at.go(set_alias="champion")
        at.on.leaving = True
        assert isinstance(await at.go(set_alias="champion"), Answer)
    assert (at.weights, at.models.aliases["champion"]) == ({NEW: 100}, "8")


async def test_one_that_is_left_tries_to_put_back_for_as_long_as_any() -> None:
    async with house() as at:
        while at.weights.get(NEW) != 5:
            await at.go(strategy="canary")
        at.models.busy["PUT /endpoints/churn"] = 1_000
        at.on.leaving = True
        failed = await at.fails(strategy="canary")
    assert (failed.code, failed.klass) == ("deployment_not_put_back", "critical")
    assert at.goes[-1].farewell


async def test_it_ends_with_what_it_began_with_whatever_its_settings_say_meanwhile() -> None:
    async with house() as at:
        while at.weights.get(NEW) != 5:
            await at.go(strategy="canary")
        told = await at.deployed(strategy="blue_green", endpoint="ranks", environment="dev", set_alias="champion")
    assert (told["endpoint"], told["environment"], told["strategy"], told["alias"]) == (
        "churn",
        "production",
        "canary",
        "",
    )
    assert not any("/ranks" in request.target for request in at.server.requests)


@pytest.mark.parametrize(("rival", "who"), [("12", "run 12"), ("", "another run")])
async def test_one_that_came_second_to_its_endpoint_fails_before_it_changes_anything(rival: str, who: str) -> None:
    async with house(rivals=rival) as at:
        failed = await at.fails()
    assert (
        failed.message
        == f"Version 8 of churn was not deployed to churn: {who} was deploying there when this one began."
    )
    assert (failed.code, failed.klass, at.models.keys) == ("endpoint_taken", "permanent", [])
    assert failed.deployment is not None
    assert (failed.deployment["state"], failed.deployment["share"]) == ("failed", 0)


async def test_one_target_is_known_by_one_address_however_it_is_written() -> None:
    async with house() as at:
        for slashes in ("", "/", "//"):
            at.on.state = None
            await at.go(url=at.server.url(slashes).replace("http", "HTTP"))
    assert {one["target"] for one in at.records} == {at.server.url("")}


# --- what stood before --------------------------------------------------------------------------------------


async def test_what_stood_before_is_looked_at_again_once_the_endpoint_is_its_own() -> None:
    """The first look may have fallen into the end of another deployment, which is through by the time this one stands."""
    models = Models(variants={"old": {"version": "7", "weight": 95}, "canary": {"version": "6", "weight": 5}})
    async with house(models) as at:
        await at.go(strategy="canary")
        del models.variants["canary"]
        models.variants["old"] = {"version": "7a", "weight": 100}
        again = await at.go(strategy="canary")
        assert isinstance(again, Again)
        assert (again.state["phase"], again.state["before"], again.state["previous"]) == ("place", {"old": 100}, "7a")
        assert models.keys == [], "and that is journaled before anything is changed"
        while at.weights.get(NEW) != 5:
            await at.go(strategy="canary")
        models.states = ["failed"]
        failed = await at.fails(strategy="canary")
    assert (failed.code, at.weights) == ("deployment_failed", {"old": 100})


async def test_a_target_that_tells_its_weights_a_little_differently_each_time_is_deployed_to() -> None:
    async with house() as at:
        at.models.says = [
            orjson.dumps({"variants": [{"name": "old", "version": "7", "weight": weight}]}) for weight in (99, 98, 97)
        ]
        for _ in range(3):
            await at.go()
        assert NEW in at.models.variants
        assert at.goes[-1].state["before"] == {"old": 98}


async def test_what_came_to_the_endpoint_meanwhile_must_fit_as_well_before_anything_is_changed() -> None:
    async with house() as at:
        await at.go()
        at.models.variants |= {f"{'y' * 60}{number}": {"version": "6", "weight": 0} for number in range(500)}
        failed = await at.fails()
    assert (failed.code, at.models.keys) == ("deployment_too_long", [])
    assert failed.deployment is not None
    assert (failed.deployment["state"], failed.deployment["share"]) == ("failed", 0)


async def test_one_that_is_begun_anew_asks_under_keys_of_its_own() -> None:
    """What the one before could not remove it removes: not by a request that the target has answered already."""
    async with house() as at:

        def removals() -> list[str]:
            return [one.headers["idempotency-key"] for one in at.server.requests if one.method == "DELETE"]

        at.models.busy["DELETE"] = 1_000
        assert (await at.fails()).code == "deployment_not_settled"
        before = removals()
        assert (len(before), len(set(before))) == (TRIES, 1), "asked again by the same deployment it is the same"
        at.models.busy.clear()
        at.on.state = None
        assert (await at.deployed())["replaced"] == sorted([NEW, "old"])
        assert set(removals()[TRIES:]).isdisjoint(before)
        assert list(at.weights.values()) == [100]


# --- what a deployment carries -----------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["uri", "variants"])
async def test_one_that_could_not_be_carried_to_its_end_changes_nothing(where: str) -> None:
    """The longest that still begins can be taken back for a reason of any length; a byte more isn't begun."""
    room = LIMITS.inline - len(orjson.dumps((await _first_go()).state)) - 6 * MOST_SAID
    with pytest.raises(CourseTooLong, match=r"would come to 32\d{3} bytes, over the limit of 32768"):
        await _first_go(where, room)
    async with house() as at:
        _lengthen(at.models, where, room - 200)
        while NEW not in at.models.variants:
            await at.go()
        at.models.states, at.models.why = ["failed"], "\x01" * 40_000
        failed = await at.fails()
    assert failed.code == "deployment_failed"
    assert NEW not in at.models.variants
    assert max(len(orjson.dumps(one.state)) for one in at.goes) > LIMITS.inline - 1_000, "it was as long as may be"
    assert all(len(orjson.dumps(one.state)) <= LIMITS.inline for one in at.goes)


async def _first_go(where: str = "uri", more: int = 0) -> Again:
    async with house() as at:
        _lengthen(at.models, where, more)
        first = await at.go()
        assert at.models.keys == []
    assert isinstance(first, Again)
    return first


def _lengthen(models: Models, where: str, more: int) -> None:
    if where == "uri":
        models.more_uri = "/" + "x" * (more - 1) if more else ""
    elif more:
        models.variants["y" * (more - len(',"":0.0'))] = {"version": "6", "weight": 0}


async def test_words_that_no_journal_takes_do_not_end_it_where_it_stands() -> None:
    async with house() as at:
        while at.weights.get(NEW) != 5:
            await at.go(strategy="canary")
        at.models.states, at.models.why = ["failed"], "out of\x00memory"
        failed = await at.fails(strategy="canary")
    assert "the target says that the variant failed: out of\ufffdmemory" in failed.message
    assert at.weights == {"old": 100}
    for one in at.goes:
        safejson.check(one.state)


@pytest.mark.parametrize("text", ["역" * 2_000, "\x01" * 1_000], ids=["in Korean", "of signs"])
def test_settings_that_are_too_long_together_are_refused_where_they_are_written(text: str) -> None:
    config = {
        "registry": "https://mlflow.example", "model": "churn", "value": "champion", "url": "https://models.example",
        "endpoint": "churn", "target": "sagemaker", "region": "r", "role": text, "image": text,
    }  # fmt: skip
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "deploy", "type": "ml.deploy", "config": config}]
    document = {"dsl": 1, "nodes": nodes, "edges": [{"from": "start", "to": "deploy"}]}
    assert validate(document, catalogue()) == []
    config["registry"] += "/" + text[:1_900]
    (problem,) = validate(document, catalogue())
    assert (problem.code, problem.path) == ("bad_config", "/nodes/1/config")
    assert problem.message == "config: the settings are too long together: a deployment carries them to its end"


async def test_a_variant_that_others_named_in_their_own_script_is_replaced_and_put_back_like_any() -> None:
    for then in ("ready", "failed"):
        async with house() as at:
            at.models.variants = {"예전": {"version": "7", "weight": 100}}
            while at.weights.get(NEW) != 5:
                await at.go(strategy="canary")
            at.models.states = [then]
            if then == "ready":
                assert (await at.deployed(strategy="canary"))["replaced"] == ["예전"]
                assert at.weights == {NEW: 100}
            else:
                assert (await at.fails(strategy="canary")).code == "deployment_failed"
                assert at.weights == {"예전": 100}
