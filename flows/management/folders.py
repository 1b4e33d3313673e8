"""Files of flows on a disk: read without following a link or taking more than the limits, written each at once.

What stands in them is not looked at here.
"""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from flows.dsl.files import MANIFEST, MAX_BYTES, MAX_FILES, is_flow_file
from flows.errors import BadInput, phrase
from flows.operations.exchange import TooMuch


def read_paths(paths: Sequence[Path]) -> dict[str, bytes]:
    """The files of one folder, or the files named, by their names. Raises BadInput, TooMuch, OSError."""
    found = list(_files_of(paths[0])) if len(paths) == 1 and paths[0].is_dir() else paths
    taken: dict[str, bytes] = {}
    left = MAX_BYTES
    for path in found:
        if path.name in taken:
            raise BadInput(reason=phrase("two files are named {name}", name=path.name))
        data = _read(path, left)
        left -= len(data)
        taken[path.name] = data
    return taken


def write_folder(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Write the texts, the manifest last; tell the other flow files that stand there, which are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(texts, key=lambda name: (name == MANIFEST, name)):
        write_at_once(folder / name, texts[name])
    return sorted(path.name for path in folder.iterdir() if is_flow_file(path.name) and path.name not in texts)


def write_at_once(path: Path, text: str) -> None:
    """Under another name first, so that nobody ever reads a half; a link of this name is replaced, not followed."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _files_of(folder: Path) -> Iterator[Path]:
    names = sorted(entry.name for entry in os.scandir(folder) if is_flow_file(entry.name) and not _is_folder(entry))
    if not names:
        raise BadInput(reason=phrase("{folder} holds no flows: no .yaml, .yml or .json", folder=folder))
    if len(names) > MAX_FILES + 1:
        raise TooMuch(what=phrase("the number of files, {count},", count=len(names)), limit=MAX_FILES)
    yield from (folder / name for name in names)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _read(path: Path, left: int) -> bytes:
    # Opening is what refuses a link, so that nobody can put one there after a look; Windows has no such flag.
    if path.is_symlink():
        raise BadInput(reason=phrase("{path} is a symbolic link, which is not followed", path=path))
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise BadInput(reason=phrase("{path} is not a file", path=path))
        data = file.read(left + 1)
    if len(data) > left:
        raise TooMuch(what=phrase("their size"), limit=MAX_BYTES)
    return data
