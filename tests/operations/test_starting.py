import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flows.dsl.inputs import one_purse
from flows.dsl.read import read_document
from flows.errors import BadInput, Forbidden, NotFound
from flows.models import Run
from flows.operations.batches import start_batch
from flows.operations.drafts import save_draft
from flows.operations.errors import Archived, NotPublished
from flows.operations.facts import InputRefused, NoTrigger, facts_of
from flows.operations.flows import archive_flow
from flows.operations.publishing import publish
from flows.operations.releases import roll_back
from flows.operations.starting import KeyReused, start
from tests.cast import CHAIN, Person, flow, with_nodes

SAY = {"id": "say", "type": "log", "config": {"message": "hi"}}


def test_a_start_is_a_queued_run_of_the_live_version(operator: Person, editor: Person) -> None:
    made = flow(editor.actor)
    started = start(operator.actor, made.pk, input={"n": 3})
    run = Run.objects.get(pk=started.run.id)
    assert (run.status, run.number, run.trigger, run.input) == ("queued", 1, "start", '{"n":3}')
    assert run.version is not None
    assert run.document_hash == run.version.hash
    assert run.started_by == "operator"


def test_a_start_is_one_round_trip_once_the_flow_is_known(editor: Person) -> None:
    made = flow(editor.actor)
    start(editor.actor, made.pk)
    with CaptureQueriesContext(connection) as queries:
        start(editor.actor, made.pk)
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("is_told_later", "key", "waits"), [(True, None, "off"), (False, None, "on"), (True, "known to others", "on")]
)
def test_a_start_waits_for_the_disk_unless_it_is_told_after_a_later_commit(
    editor: Person, is_told_later: bool, key: str | None, waits: str
) -> None:
    made = flow(editor.actor)
    with connection.cursor() as cursor:  # all of one transaction
        cursor.execute("SET LOCAL synchronous_commit = on")
        start(editor.actor, made.pk, is_told_later=is_told_later, idempotency_key=key)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == (waits,)


def test_runs_are_numbered_by_flow(editor: Person) -> None:
    first, second = flow(editor.actor), flow(editor.actor)
    assert [start(editor.actor, first.pk).run.number for _ in range(3)] == [1, 2, 3]
    assert start(editor.actor, second.pk).run.number == 1


def test_what_is_remembered_of_a_release_is_proved_by_the_start(editor: Person) -> None:
    made = flow(editor.actor)
    assert start(editor.actor, made.pk).run.version == 1
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "2"}, revision=1)
    publish(editor.actor, made.pk)
    assert start(editor.actor, made.pk).run.version == 2
    roll_back(editor.actor, made.pk, version=1)
    assert start(editor.actor, made.pk).run.version == 1


def test_the_same_key_is_the_same_run(editor: Person) -> None:
    made = flow(editor.actor)
    first = start(editor.actor, made.pk, input={"n": 1}, idempotency_key="order-1")
    second = start(editor.actor, made.pk, input={"n": 1}, idempotency_key="order-1")
    assert (first.created, second.created) == (True, False)
    assert first.run.id == second.run.id
    assert start(editor.actor, made.pk).run.number == 2


def test_the_same_key_with_another_body_is_refused(editor: Person) -> None:
    made = flow(editor.actor)
    start(editor.actor, made.pk, input={"n": 1}, idempotency_key="order-1")
    with pytest.raises(KeyReused):
        start(editor.actor, made.pk, input={"n": 2}, idempotency_key="order-1")


def test_a_known_key_is_answered_whatever_became_of_the_flow(editor: Person) -> None:
    made = flow(editor.actor)
    first = start(editor.actor, made.pk, idempotency_key="order-1")
    archive_flow(editor.actor, made.pk)
    assert start(editor.actor, made.pk, idempotency_key="order-1").run.id == first.run.id


def test_a_flow_without_a_live_version_is_not_started(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    with pytest.raises(NotPublished):
        start(editor.actor, made.pk)


def test_an_archived_flow_is_gone(editor: Person) -> None:
    made = flow(editor.actor)
    start(editor.actor, made.pk)
    archive_flow(editor.actor, made.pk)
    with pytest.raises(Archived):
        start(editor.actor, made.pk)


def test_the_input_is_checked_against_the_flows_inputs(editor: Person) -> None:
    made = flow(editor.actor)
    with pytest.raises(InputRefused, match=r"\$\.n"):
        start(editor.actor, made.pk, input={"n": "three"})
    with pytest.raises(InputRefused):
        start(editor.actor, made.pk, input=[1])
    assert not Run.objects.exists()


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/schema.json", "#/$defs/none", "#"])
def test_a_schema_that_points_elsewhere_is_never_fetched(target: str) -> None:
    inputs = {"type": "object", "properties": {"n": {"$ref": target}}}
    facts = facts_of(read_document(CHAIN | {"inputs": inputs}), "hash")
    with pytest.raises(InputRefused):
        facts.check_input({"n": 1}, "start")


def test_where_a_run_enters_is_asked_when_it_is_not_clear(editor: Person) -> None:
    hooks = [{"id": f"hook{n}", "type": "trigger.webhook", "config": {"path": f"p{n}"}} for n in (1, 2)]
    document = with_nodes(hooks[0], SAY)
    document["nodes"].append(hooks[1])
    document["edges"].append({"from": "hook2", "to": "say"})
    made = flow(editor.actor, document)
    with pytest.raises(NoTrigger, match="hook1, hook2"):
        start(editor.actor, made.pk)
    assert Run.objects.get(pk=start(editor.actor, made.pk, trigger="hook2").run.id).trigger == "hook2"


def test_a_viewer_may_not_start_and_a_stranger_finds_nothing(editor: Person, viewer: Person, stranger: Person) -> None:
    made = flow(editor.actor)
    start(editor.actor, made.pk)
    with pytest.raises(Forbidden):
        start(viewer.actor, made.pk)
    with pytest.raises(NotFound):
        start(stranger.actor, made.pk, input={"n": "not even checked"})
    with pytest.raises(NotFound):
        start(stranger.actor, made.pk, version=1)


@pytest.mark.parametrize("wrong", [{"priority": 101}, {"idempotency_key": ""}, {"idempotency_key": "k" * 256}])
def test_what_is_out_of_bounds_is_refused(editor: Person, wrong: dict[str, object]) -> None:
    made = flow(editor.actor)
    with pytest.raises(BadInput):
        start(editor.actor, made.pk, **wrong)  # type: ignore[arg-type]  # each is wrong on purpose


def test_a_batch_starts_all_or_nothing(editor: Person) -> None:
    made = flow(editor.actor)
    batch = start_batch(editor.actor, made.pk, inputs=[{"n": n} for n in range(1000)])
    assert batch.count == batch.created == 1000
    numbers = list(Run.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == list(range(1, 1001))
    with pytest.raises(BadInput, match=r"inputs\[1\]"):
        start_batch(editor.actor, made.pk, inputs=[{"n": 1}, {"n": "x"}])
    assert Run.objects.count() == 1000


def test_a_repeated_batch_starts_nothing(editor: Person) -> None:
    made = flow(editor.actor)
    first = start_batch(editor.actor, made.pk, inputs=[{"n": 1}, {"n": 2}], idempotency_prefix="day-1")
    again = start_batch(editor.actor, made.pk, inputs=[{"n": 1}, {"n": 2}], idempotency_prefix="day-1")
    assert (again.created, again.first, again.last) == (0, first.first, first.last)
    with pytest.raises(KeyReused):
        start_batch(editor.actor, made.pk, inputs=[{"n": 1}, {"n": 3}], idempotency_prefix="day-1")


def test_an_input_that_would_keep_everyone_waiting_is_refused(editor: Person) -> None:
    doubled = {f"s{n}": {"allOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(40)}
    schema = {"$defs": doubled | {"s40": {"type": "object"}}, "$ref": "#/$defs/s0"}
    made = flow(editor.actor, CHAIN | {"inputs": schema})
    with one_purse(1_000), pytest.raises(InputRefused, match="too much work"):
        start(editor.actor, made.pk, input={})
    assert not Run.objects.exists()
