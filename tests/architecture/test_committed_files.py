"""What must never be written into the project: places it happened to be made at."""

import json
import re
from pathlib import Path

from tests.architecture.files import ROOT, place, tracked

# Where packages are fetched from is the business of each machine; a mirror's name in a file breaks all others.
PACKAGE_HOST = re.compile(
    r"https?://[\w.-]*(?:registry|pythonhosted|pypi|artifactory|nexus|npmjs)[\w.-]*", re.IGNORECASE
)
INDEX_OPTION = re.compile(r"^\s*(?:--)?(?:extra-)?index-url\b|^\s*registry\s*=", re.MULTILINE)
TEXT = {
    ".py",
    ".toml",
    ".md",
    ".txt",
    ".json",
    ".yaml",
    ".yml",
    ".ts",
    ".tsx",
    ".js",
    ".css",
    ".html",
    ".cfg",
    ".ini",
    ".sh",
    ".npmrc",
    "",
}


def test_no_file_names_where_packages_come_from() -> None:
    found = [place(path, _line(text, match.start())) for path, text in _texts() if (match := _package_host(path, text))]
    assert not found, f"leave the place packages come from to each machine: {found}"


def test_no_lock_of_another_place_is_committed() -> None:
    assert not [path for path in tracked() if path.name in ("uv.lock", "poetry.lock", "yarn.lock", "pnpm-lock.yaml")]


def test_the_editors_lock_pins_by_hash_and_names_no_address() -> None:
    packages = json.loads((ROOT / "builder_ui" / "editor" / "package-lock.json").read_text(encoding="utf-8"))[
        "packages"
    ]
    addressed = [name for name, found in packages.items() if "resolved" in found]
    unpinned = [name for name, found in packages.items() if name and not found.get("link") and "integrity" not in found]
    assert not addressed, "set omit-lockfile-registry-resolved and lock again"
    assert not unpinned, f"no integrity hash: {unpinned}"


def test_no_file_names_a_path_of_one_machine() -> None:
    places = {f"{ROOT}/", f"{Path.home()}/"} - {"//", "/"}
    found = [place(path, _line(text, text.index(own))) for path, text in _texts() for own in places if own in text]
    assert not found, f"write a path relative to the project, or leave it to the reader: {found}"


def _package_host(path: Path, text: str) -> re.Match[str] | None:
    return PACKAGE_HOST.search(text) or (
        INDEX_OPTION.search(text) if path.suffix in ("", ".toml", ".cfg", ".ini", ".txt") else None
    )


def _texts() -> list[tuple[Path, str]]:
    return [
        (path, path.read_text(encoding="utf-8", errors="replace"))
        for path in tracked()
        if path.suffix in TEXT and path.stat().st_size < 4_000_000
    ]


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
