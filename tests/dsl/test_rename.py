import pytest

from flows.dsl.canonical import plain
from flows.dsl.rename import rename_node
from flows.errors import BadInput, Conflict, NotFound
from tests.dsl.cast import CATALOGUE, codes, document, log, problems, says


def test_everything_that_names_a_node_follows() -> None:
    before = document(
        {"id": "loop", "type": "flow.for_each", "config": {"items": "{{ nodes.start.rows }}"}},
        says("a", "{{ nodes.start.x }} of nodes.start", parent="loop", each={"items": "{{ nodes.start.ys }}"}),
        edges="start>loop",
        pins={"start": 1},
        notes=[{"id": "n", "position": {"x": 0, "y": 0}, "parent": "loop"}],
        tests=[
            {
                "name": "works",
                "trigger": "start",
                "mocks": {"loop[0]/a": [{"output": "loop"}]},
                "expect": {
                    "steps": {"loop[0]/a": "succeeded"},
                    "order": [["start", "loop"]],
                    "absent": ["loop[1]/a"],
                    "output": "loop",
                },
            }
        ],
    )
    after = plain(rename_node(rename_node(before, "start", "begin"), "loop", "rounds"))
    assert after["nodes"] == [
        {"id": "begin", "type": "trigger.manual"},
        {"id": "rounds", "type": "flow.for_each", "config": {"items": "{{ nodes.begin.rows }}"}},
        {
            "id": "a",
            "type": "log",
            "config": {"message": "{{ nodes.begin.x }} of nodes.start"},
            "parent": "rounds",
            "each": {"items": "{{ nodes.begin.ys }}"},
        },
    ]
    assert after["edges"] == [{"from": "begin", "to": "rounds"}]
    assert after["pins"] == {"begin": 1}
    assert after["notes"][0]["parent"] == "rounds"  # type: ignore[index,call-overload]  # JSON of a known shape
    assert after["tests"] == [
        {
            "name": "works",
            "trigger": "begin",
            "mocks": {"rounds[0]/a": [{"output": "loop"}]},
            "expect": {
                "steps": {"rounds[0]/a": "succeeded"},
                "order": [["begin", "rounds"]],
                "absent": ["rounds[1]/a"],
                "output": "loop",
            },
        }
    ]


def test_a_renamed_document_has_no_new_problem() -> None:
    before = document(log("b"), says("a", "{{ nodes.b.x }}"), edges="start>b b>a")
    assert problems(plain(before)) == []
    assert codes(plain(rename_node(before, "b", "c_1"))) == []


def test_verbatim_text_is_left_alone_where_the_catalogue_is_known() -> None:
    sql = "select '{{ nodes.start.x }}'"
    before = document(
        {"id": "a", "type": "database.postgres", "config": {"sql": sql, "params": ["{{ nodes.start.x }}"]}}
    )
    config = rename_node(before, "start", "begin", CATALOGUE).nodes[1].config
    assert config == {"sql": sql, "params": ["{{ nodes.begin.x }}"]}


def test_a_node_that_does_not_exist_is_not_renamed() -> None:
    with pytest.raises(NotFound):
        rename_node(document(), "nobody", "a")


@pytest.mark.parametrize("name", ["If", "if", "a b", "", "1a", "a\n"])
def test_an_id_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        rename_node(document(), "start", name)


def test_an_id_that_is_taken_is_refused() -> None:
    with pytest.raises(Conflict):
        rename_node(document(log("a")), "start", "a")


def test_a_node_may_keep_its_id() -> None:
    one = document(log("a"))
    assert rename_node(one, "a", "a") == one
