from hypothesis import given
from hypothesis import strategies as st

from flows.expr.paths import Path
from flows.expr.references import paths_in, plain_paths, read_referring, references
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


# Words that make expressions and words that don't, with and without what parts them: what is taken for one must be one.
words = st.sampled_from(
    ["nodes.a.n", "nodes.a.from.b", "nodes", "input", "input.n", "item.in", "index", "xinput", "foo.x", "7", "0", "07", "1.5", "1.",
     "1e3", "0x1", "true", "null", "None", "'a b'", "'nodes.b.n'", '"it\'s"', "''", "'\\\\'", "f'{input}'", "+", "-", "*", "**", "/",
     "//", "%", "==", "!=", "<", "<=", ">=", "=", "<>", "and", "or", "not", "in", "is", "if", "else", ",", "(", ")", ".x", "물"]
)  # fmt: skip
gaps = st.sampled_from(["", " ", " ", "  ", "\n"])


@given(st.lists(st.tuples(words, gaps), min_size=1, max_size=9))
def test_what_is_seen_at_once_is_what_the_parser_sees(parts: list[tuple[str, str]]) -> None:
    source = "".join(word + gap for word, gap in parts)
    seen = plain_paths(source)
    if seen is not None:
        assert list(dict.fromkeys(seen)) == [one.path for one in read_referring(Source(source, 0), "")[1]]


operands = st.sampled_from(["nodes.a.n", "nodes.b.if.c", "input.n", "index", "7", "0.5", "'nodes.c.n'", '"}"', "false"])
signs = st.sampled_from(
    ["+", " - ", "*", " / ", "//", "%", "==", " != ", "<", ">= ", " and ", " or not ", " in ", "  not in "]
)


@given(operands, st.lists(st.tuples(signs, operands), min_size=1, max_size=12))
def test_paths_with_signs_between_them_need_no_parser(first: str, more: list[tuple[str, str]]) -> None:
    source = first + "".join(sign + operand for sign, operand in more)
    seen = plain_paths(source)
    assert (seen is None) == (len(source) > 200)
    if seen is not None:
        assert list(dict.fromkeys(seen)) == [one.path for one in read_referring(Source(source, 0), "")[1]]
