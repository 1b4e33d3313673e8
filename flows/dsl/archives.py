"""Several flows in one file: a plain zip of their files, written the same for the same flows and read with suspicion.

What stands in the files is not known here. Nothing is ever written to a disk, and nothing is unpacked beyond the limits:
what an archive says of its own sizes is not believed.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

from flows.dsl.files import MAX_BYTES, MAX_FILES, is_flow_file
from flows.errors import BadInput, LimitExceeded, phrase

# The first moment that a zip can name: the same flows give the same bytes.
_MADE: Final = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED: Final = 0x1
_READABLE: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, LookupError, OverflowError,
    RuntimeError,
)  # fmt: skip
"""What the library raises on bytes that lie about themselves: places before the beginning or beyond all numbers, extra
fields that end early, names of no letters, flags of ways to encrypt."""


class NotAnArchive(BadInput):
    """This is no archive of flows: {reason}"""

    code = "not_an_archive"


def pack(files: Mapping[str, str]) -> bytes:
    """A zip of these texts by file name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _MADE), files[name].encode(), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The flow files in a zip, by name: at its top, or in the one folder that it holds. All else in it is passed by.

    Raises NotAnArchive for what is none, is encrypted, or holds a link, and LimitExceeded.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            rows = [row for row in archive.infolist() if not row.is_dir()]
            return _read(archive, rows)
    except DAMAGED:
        raise NotAnArchive(reason=phrase("it can't be read as a zip")) from None


def _read(archive: zipfile.ZipFile, rows: Sequence[zipfile.ZipInfo]) -> dict[str, bytes]:
    folder = _folder_of([row.filename for row in rows])
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    for row in rows:
        if stat.S_ISLNK(row.external_attr >> 16):
            raise NotAnArchive(reason=phrase("{file} is a link; only plain files are taken", file=row.filename[:200]))
        name = row.filename.removeprefix(folder)
        if not is_flow_file(name.rpartition("/")[2]) or row.filename.startswith("__MACOSX/"):
            continue
        if row.flag_bits & _ENCRYPTED or row.compress_type not in _READABLE:
            raise NotAnArchive(
                reason=phrase("{file} is encrypted, or packed in a way that isn't read", file=row.filename[:200])
            )
        if name in found:
            raise NotAnArchive(reason=phrase("{file} stands twice in it", file=name[:200]))
        if len(found) > MAX_FILES:
            raise LimitExceeded(what=phrase("the number of files in the archive"), size=len(rows), limit=MAX_FILES)
        with archive.open(row) as file:
            found[name] = file.read(left + 1)
        left -= len(found[name])
        if left < 0:
            raise LimitExceeded(
                what=phrase("what the archive holds, in bytes,"), size=MAX_BYTES - left, limit=MAX_BYTES
            )
    if not found:
        raise NotAnArchive(reason=phrase("it holds no file of a flow"))
    return found


def _folder_of(names: Sequence[str]) -> str:
    """The one folder that everything stands in, with its slash; empty where there is none, or more."""
    tops = {name.partition("/")[0] for name in names if not name.startswith("__MACOSX/")}
    return f"{next(iter(tops))}/" if len(tops) == 1 and all("/" in name for name in names) else ""
