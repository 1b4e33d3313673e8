"""The budgets of the house: small files, small functions, nothing hidden in them."""

import ast
import re
from pathlib import Path

from tests.architecture.files import comments, functions, place, python_files, tree, typescript_files

PRODUCT = ("flows", "builder_ui")
ALL = (*PRODUCT, "tests", "bench")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONGEST_TYPESCRIPT = 300
VAGUE_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "service",
    "services",
    "handler",
    "handlers",
    "common",
    "misc",
}
REASONED = re.compile(r"type: ignore\[[\w\-, ]+\]\s+#\s*\w")
# The one boundary with foreign code: a node's function may raise anything.
FOREIGN_BOUNDARIES = 1


def test_no_python_file_is_longer_than_one_can_read() -> None:
    long = [
        f"{place(path, 1)} has {lines} lines" for path in python_files(*ALL) if (lines := _lines(path)) > LONGEST_FILE
    ]
    assert not long, f"split by what is decided where (limit {LONGEST_FILE}): {long}"


def test_no_typescript_file_is_longer_than_one_can_read() -> None:
    long = [
        f"{place(path, 1)} has {lines} lines"
        for path in typescript_files()
        if (lines := _lines(path)) > LONGEST_TYPESCRIPT
    ]
    assert not long, f"split by what is decided where (limit {LONGEST_TYPESCRIPT}): {long}"


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{place(path, found.lineno)} {found.name} has {length} lines"
        for path in python_files(*ALL)
        for found in functions(path)
        if (length := (found.end_lineno or found.lineno) - found.lineno + 1) > LONGEST_FUNCTION
    ]
    assert not long, f"name its parts (limit {LONGEST_FUNCTION}): {long}"


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        place(path, node.lineno)
        for path in python_files(*PRODUCT)
        for found in functions(path)
        for node in ast.walk(found)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden, f"an import in a function hides a circle or a cost; put it at the top: {sorted(set(hidden))}"


def test_everything_is_caught_only_where_foreign_code_runs() -> None:
    broad = [
        place(path, node.lineno)
        for path in python_files(*PRODUCT, "bench")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    ]
    assert len(broad) <= FOREIGN_BOUNDARIES, f"name the errors that are meant: {broad}"
    assert all(site.startswith("flows/runtime/") for site in broad), f"foreign code runs in the runtime alone: {broad}"


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = [place(path, 1) for path in python_files(*ALL) if path.stem.lower() in VAGUE_NAMES]
    assert not vague, f"name a file by what it decides: {vague}"


def test_every_silenced_type_error_says_why() -> None:
    silent = [
        place(path, token.start[0])
        for path in python_files(*ALL)
        for token in comments(path)
        if "type: ignore" in token.string and not REASONED.search(token.string)
    ]
    assert not silent, f"write `# type: ignore[code]  # why the checker is wrong`: {silent}"


def test_every_module_of_the_product_says_what_it_decides() -> None:
    mute = [
        place(path, 1)
        for path in python_files(*PRODUCT)
        if path.name != "__init__.py" and ast.get_docstring(tree(path)) is None
    ]
    assert not mute, f"begin with what it decides and what it refuses to know: {mute}"


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    marks = {"skip", "skipif", "xfail", "importorskip"}
    skipped = [
        place(path, node.lineno)
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in marks
    ]
    assert not skipped, f"a test that does not run shows nothing: {skipped}"


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(name, ast.Name) and name.id in ("Exception", "BaseException") for name in names)
