"""The table of what can break names tests that are there, and the product holds no point to die at."""

import ast
import re

from tests.architecture.files import ROOT

TABLE = ROOT / "docs" / "decisions" / "0122-what-breaks-and-which-test-shows-it.md"
LINE = re.compile(r"^\| (?P<what>[^|]+) \| `(?P<file>[\w/]+)` `(?P<test>\w+)` \|$")


def test_every_line_of_the_table_names_a_test_that_is_there() -> None:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    assert len(lines) > 20
    for line in lines:
        named = LINE.match(line)
        assert named is not None, f"this names no file and test: {line}"
        tree = ast.parse((ROOT / "tests" / f"{named['file']}.py").read_text(encoding="utf-8"))
        there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert named["test"] in there, f"{named['file']} has no {named['test']}"


def test_the_product_knows_of_no_test_and_holds_no_point_to_die_at() -> None:
    for part in ("flows", "builder_ui"):
        for path in (ROOT / part).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert "failpoint" not in text.lower().replace("_", ""), path
            for node in ast.walk(ast.parse(text)):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names.append(node.module or "")
                assert not any(name.split(".")[0] == "tests" for name in names), path
