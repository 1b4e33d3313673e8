"""Which files the rules of the house are held against: those under version control."""

import ast
import shutil
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEVER_COMMITTED = {
    ".venv",
    "node_modules",
    ".mulgil",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    "builder",
    "uv.lock",
}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file git knows and those it would take in; without git, all but what is never committed."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
        return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not NEVER_COMMITTED & set(path.parts))


def python_files(*roots: str) -> tuple[Path, ...]:
    """Python files below `roots`, migrations left out: those are made by a program."""
    return tuple(
        path
        for path in tracked()
        if path.suffix == ".py" and "migrations" not in path.parts and path.relative_to(ROOT).parts[0] in roots
    )


def typescript_files() -> tuple[Path, ...]:
    """The editor's sources, generated ones left out."""
    return tuple(path for path in tracked() if path.suffix in (".ts", ".tsx") and "generated" not in path.name)


@cache
def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, methods and inner ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def comments(path: Path) -> Iterator[tokenize.TokenInfo]:
    """Every comment of a file."""
    with path.open("rb") as file:
        yield from (token for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT)


def place(path: Path, line: int) -> str:
    """A place to click on."""
    return f"{path.relative_to(ROOT)}:{line}"
