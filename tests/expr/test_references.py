from hypothesis import given
from hypothesis import strategies as st

from flows.expr.paths import Path
from flows.expr.references import paths_in, read_referring, references
from flows.expr.template import Source


def paths(source: str) -> list[str]:
    return [str(path) for path in paths_in(f"{{{{ {source} }}}}")]


def test_the_longest_path_is_told_once() -> None:
    assert paths("nodes.a.b[0].c + nodes.a.b[0].c + nodes.a") == ["nodes.a.b[0].c", "nodes.a"]


def test_a_method_is_no_part_of_the_path() -> None:
    assert paths("nodes.a.name.upper()") == ["nodes.a.name"]


def test_a_key_that_is_computed_ends_the_path() -> None:
    assert paths("input.rows[index].x") == ["input.rows", "index"]


def test_local_names_are_no_paths() -> None:
    assert paths("[item.x + nodes.b.y for item in nodes.a.rows if item.z]") == ["nodes.a.rows", "nodes.b.y"]
    assert paths("sorted(input.rows, key=lambda run: run.x)") == ["input.rows"]


def test_each_reference_knows_its_field_and_its_place() -> None:
    found = references({"a": ["x {{ nodes.b.c }}"], "code": "{{ nodes.z }}"}, frozenset({"code"}))
    assert [(one.path.node, one.where, one.start) for one in found] == [("b", "/a/0", 4)]


def test_the_node_of_a_path() -> None:
    assert Path("nodes", ("a", "b")).node == "a"
    assert Path("input", ("a",)).node is None


names = st.sampled_from(["a", "b_1", "from", "class", "Items", "_x", "true", "None"])


@given(st.sampled_from(["input", "nodes", "run", "item", "now", "foo"]), st.lists(names, max_size=4))
def test_a_plain_path_is_read_as_the_parser_reads_it(root: str, keys: list[str]) -> None:
    source = ".".join([root, *keys])
    if root == "foo" or source == "nodes":
        return
    by_parser = [one.path for one in read_referring(Source(source, 0), "")[1]]
    assert list(paths_in(f"{{{{ {source} }}}}")) == by_parser
