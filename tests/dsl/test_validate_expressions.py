import pytest

from tests.dsl.cast import codes, flow, log, only, problems, says

LOOP = {"id": "loop", "type": "flow.for_each", "config": {"items": "{{ input.rows }}"}}
WHILE = {"id": "again", "type": "flow.while", "config": {"condition": "{{ last is null or index < 3 }}"}}


def saying(message: str) -> dict[str, object]:
    return flow(says("a", message), edges="start>a")


@pytest.mark.parametrize(
    "message",
    ["{{ input.x }}", "{{ nodes.start.x }}", "{{ run.id }} {{ run.number }} {{ run.attempt }} {{ run.started_at }}",
     "{{ flow.id }} {{ flow.name }} {{ flow.version }}", "{{ now }}", "{{ '{{' }}", "plain", "{{ sum(input.xs) }}",
     "{{ [x.y for x in input.rows if x.y > 2] }}", "{{ input.from }}", "{{ input.a if input.b else null }}"],
)  # fmt: skip
def test_what_can_be_read_is_read(message: str) -> None:
    assert codes(saying(message)) == []


@pytest.mark.parametrize(
    "message",
    ["{{ input. }}", "{{ }}", "{{ input.x", "{{ 1 + }}", "{{ x := 1 }}", "{{ lambda *a: 1 }}", "{{ await input }}",
     "{{ b'x' }}", "{{ 1j }}", "{{ input.x) }}", "{{ # }}", "{{ nodes }}", "{{ nodes[input.x] }}", "{{ 1 is 2 }}",
     "{{ import os }}", "{{ 'a }}", "{{ yield 1 }}", "{{ [i async for i in input] }}"],
)  # fmt: skip
def test_what_is_no_expression_is_told_with_its_field(message: str) -> None:
    found = only(saying(message))
    assert (found.code, found.path, found.node) == ("bad_expression", "/nodes/1/config/message", "a")
    assert found.message.startswith("Message: ")


@pytest.mark.parametrize(
    "message", ["{{ inptu.x }}", "{{ os.environ }}", "{{ ''.__class__() }}", "{{ open('x') }}", "{{ print(1) }}"]
)
def test_a_name_that_does_not_exist_is_told(message: str) -> None:
    assert only(saying(message)).code == "unknown_name"


@pytest.mark.parametrize(
    "source", ["1" + "+1" * 20_000, "(" * 5_000 + "1" + ")" * 5_000, "not " * 201 + "1", "input" + ".a" * 201]
)
def test_an_expression_that_is_too_large_is_told(source: str) -> None:
    assert only(saying(f"{{{{ {source} }}}}")).code == "expression_too_large"


def test_a_node_that_does_not_exist_is_told_with_the_one_likely_meant() -> None:
    found = only(flow(log("charge"), says("a", "{{ nodes.chrage.id }}"), edges="start>charge charge>a"))
    assert (found.code, found.params["near"]) == ("unknown_reference", "charge")


def test_a_node_on_another_branch_is_not_known() -> None:
    found = only(flow(log("b"), says("a", "{{ nodes.b.x }}"), edges="start>a start>b"))
    assert (found.code, found.params["other"]) == ("not_upstream", "b")


def test_a_node_that_comes_later_is_not_known() -> None:
    assert only(flow(says("a", "{{ nodes.b }}"), log("b"), edges="start>a a>b")).code == "not_upstream"


def test_a_node_does_not_read_itself() -> None:
    assert only(saying("{{ nodes.a }}")).code == "not_upstream"


def test_a_node_far_upstream_is_known() -> None:
    chain = [log(f"n{number}") for number in range(50)]
    edges = "start>n0 " + " ".join(f"n{number}>n{number + 1}" for number in range(49)) + " n49>a"
    assert codes(flow(*chain, says("a", "{{ nodes.n0.x }} {{ nodes['n3'] }}"), edges=edges)) == []


def test_every_wrong_reference_of_a_text_is_told() -> None:
    raw = flow(log("b"), says("a", "{{ nodes.b }} {{ nodes.zz }} {{ item }}"), edges="start>a start>b")
    assert codes(raw) == ["not_upstream", "unknown_reference", "outside_each"]


@pytest.mark.parametrize("root", ["item", "index"])
def test_item_and_index_are_known_inside_each_only(root: str) -> None:
    assert only(saying(f"{{{{ {root} }}}}")).code == "outside_each"
    assert codes(flow(says("a", f"{{{{ {root} }}}}", each={"items": [1]}), edges="start>a")) == []


def test_the_items_of_an_each_are_read_before_there_is_one() -> None:
    found = only(flow(log("a", each={"items": "{{ item.rows }}"}), edges="start>a"))
    assert (found.code, found.path) == ("outside_each", "/nodes/1/each/items")


def test_item_is_known_inside_a_container() -> None:
    assert codes(flow(LOOP, says("a", "{{ item.x }} {{ index }}", parent="loop"), edges="start>loop")) == []


def test_the_items_of_an_inner_each_may_read_the_outer_item() -> None:
    inner = log("a", parent="loop", each={"items": "{{ item.rows }}"})
    assert codes(flow(LOOP, inner, edges="start>loop")) == []


def test_a_per_item_field_knows_its_item() -> None:
    node = {
        "id": "a",
        "type": "data.filter",
        "config": {"items": "{{ input.rows }}", "condition": "{{ item.x > index }}"},
    }
    assert codes(flow(node, edges="start>a")) == []
    outside = {**node, "config": {"items": "{{ item }}", "condition": True}}
    assert codes(flow(outside, edges="start>a")) == ["outside_each"]


def test_last_is_known_inside_while_only() -> None:
    assert only(saying("{{ last }}")).code == "outside_while"
    assert codes(flow(WHILE, says("a", "{{ last }} {{ index }}", parent="again"), edges="start>again")) == []
    assert codes(flow(WHILE, says("a", "{{ item }}", parent="again"), edges="start>again")) == ["outside_each"]


def test_lock_is_known_inside_a_lock_only_and_has_a_name_and_a_token() -> None:
    guard = {"id": "guard", "type": "flow.lock", "config": {"name": "x"}}
    assert only(saying("{{ lock.token }}")).code == "outside_lock"
    assert codes(flow(guard, says("a", "{{ lock.name }} {{ lock.token }}", parent="guard"), edges="start>guard")) == []
    assert codes(flow(guard, says("a", "{{ lock.owner }}", parent="guard"), edges="start>guard")) == ["unknown_key"]
    own = {**guard, "config": {"name": "{{ lock.token }}"}}
    assert codes(flow(own, edges="start>guard")) == ["outside_lock"]


def test_a_local_name_is_no_root() -> None:
    assert codes(saying("{{ [item.x for item in input.rows] }}")) == []
    assert codes(saying("{{ [nodes.zz for nodes in input.rows] }}")) == []


def test_a_node_inside_reads_what_is_before_its_container() -> None:
    raw = flow(log("b"), LOOP, says("a", "{{ nodes.b }}", parent="loop"), edges="start>b b>loop")
    assert codes(raw) == []


def test_a_node_inside_does_not_read_what_is_beside_its_container() -> None:
    raw = flow(log("b"), LOOP, says("a", "{{ nodes.b }}", parent="loop"), edges="start>b start>loop")
    assert codes(raw) == ["not_upstream"]


def test_what_runs_inside_a_container_is_not_read_from_outside() -> None:
    raw = flow(LOOP, log("in_1", parent="loop"), says("a", "{{ nodes.in_1 }}"), edges="start>loop loop>a")
    found = only(raw)
    assert (found.code, found.params["container"]) == ("inside_container", "loop")


def test_a_container_is_read_from_behind_it() -> None:
    assert codes(flow(LOOP, log("b", parent="loop"), says("a", "{{ nodes.loop }}"), edges="start>loop loop>a")) == []


def test_a_node_inside_does_not_read_its_container() -> None:
    assert codes(flow(LOOP, says("a", "{{ nodes.loop }}", parent="loop"), edges="start>loop")) == ["not_upstream"]


def test_an_undo_reads_what_it_undoes_and_what_was_before() -> None:
    raw = flow(
        log("a"), log("b"), says("undo", "{{ nodes.b.id }} {{ nodes.a }}"), edges="start>a a>b b.compensate>undo"
    )
    assert codes(raw) == []


def test_an_undo_does_not_read_what_came_later() -> None:
    raw = flow(log("a"), log("b"), says("undo", "{{ nodes.b }}"), edges="start>a a>b a.compensate>undo")
    assert codes(raw) == ["not_upstream"]


@pytest.mark.parametrize("message", ["{{ run.nope }}", "{{ flow.owner }}", "{{ vars.region }}"])
def test_a_key_the_product_never_sets_is_told(message: str) -> None:
    assert only(saying(message)).code == "unknown_key"


def test_a_variable_of_the_flow_is_known() -> None:
    assert codes(flow(says("a", "{{ vars.region }}"), edges="start>a", settings={"vars": {"region": "eu"}})) == []


def test_an_expression_deep_in_a_config_is_told_at_its_place() -> None:
    node = {"id": "a", "type": "http.request", "config": {"url": "x", "json": {"a/b": [1, {"~": "{{ nodes.zz }}"}]}}}
    assert only(flow(node, edges="start>a")).path == "/nodes/1/config/json/a~1b/1/~0"


def test_the_key_of_the_concurrency_is_known_before_a_run() -> None:
    def keyed(key: str) -> dict[str, object]:
        return flow(settings={"concurrency": {"limit": 1, "key": key}})

    assert codes(keyed("{{ input.customer }}")) == []
    assert only(keyed("{{ nodes.start.x }}")).code == "no_root_here"
    assert only(keyed("{{ flow.name }}")).code == "no_root_here"
    assert only(keyed("{{ input. }}")).code == "bad_expression"
    assert only(keyed("{{ input.customer.lower() }}")).code == "key_calls"


def test_on_a_cycle_only_the_cycle_is_told() -> None:
    raw = flow(says("a", "{{ nodes.b }}"), says("b", "{{ nodes.a }}"), edges="start>a a>b b>a")
    assert [one.code for one in problems(raw)] == ["cycle"]
