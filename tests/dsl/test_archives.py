"""An archive of flows is read with suspicion: what is no plain file of its limits is one clear answer."""

import contextlib
import io
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from, tuples

from flows.dsl.archives import NotAnArchive, pack, unpack
from flows.dsl.files import MAX_BYTES, MAX_FILES
from flows.errors import LimitExceeded

FILES = {"orders.yaml": "nodes: []\n", "manifest.yaml": "manifest: 1\nflows: []\n", "주문.yaml": "name: 주문\n"}


def zipped(*rows: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in rows:
            archive.writestr(name, data)
    return made.getvalue()


def link(name: str, to: str) -> tuple[zipfile.ZipInfo, bytes]:
    row = zipfile.ZipInfo(name)
    row.create_system = 3
    row.external_attr = (stat.S_IFLNK | 0o777) << 16
    return row, to.encode()


def test_what_is_packed_is_unpacked_and_the_same_files_give_the_same_bytes() -> None:
    packed = pack(FILES)
    assert unpack(packed) == {name: text.encode() for name, text in FILES.items()}
    assert pack(dict(reversed(FILES.items()))) == packed


def test_a_folder_that_somebody_packed_is_looked_into_and_what_is_no_flow_is_passed_by() -> None:
    data = zipped(
        ("flows/", b""), ("flows/a.yaml", b"a"), ("flows/README.md", b"read me"), ("flows/.hidden.yaml", b"x"),
        ("__MACOSX/flows/._a.yaml", b"x"),
    )  # fmt: skip
    assert unpack(data) == {"a.yaml": b"a"}


def test_a_deeper_file_keeps_its_way_in_its_name_so_that_the_plan_refuses_it() -> None:
    assert unpack(zipped(("a.yaml", b"a"), ("../b.yaml", b"b"))) == {"a.yaml": b"a", "../b.yaml": b"b"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "as a zip"),
        (b"PK\x03\x04 and no more", "as a zip"),
        (b"nodes: []", "as a zip"),
        (pack(FILES)[:-30], "as a zip"),
        (zipped(("aa.yaml", b"a")).replace(b"aa.yaml", b"\0a.yaml"), "as a zip"),
        (pack(FILES)[:-6] + b"\xff" * 4 + pack(FILES)[-2:], "as a zip"),
        (zipped(("readme.txt", b"x")), "no file of a flow"),
        (zipped(), "no file of a flow"),
        (zipped(("a.yaml", b"a"), link("b.yaml", "/etc/passwd")), "is a link"),
        (zipped(("flows/a.yaml", b"a"), link("flows/folder", "/etc")), "is a link"),
        (zipped(("a.yaml", b"a"), compression=zipfile.ZIP_BZIP2), "isn't read"),
    ],
)
def test_what_is_no_archive_of_flows_is_said(data: bytes, why: str) -> None:
    with pytest.raises(NotAnArchive, match=why):
        unpack(data)


def test_a_damaged_file_is_no_archive() -> None:
    whole = bytearray(zipped(("a.yaml", b"nodes: []\n" * 50)))
    whole[40] ^= 0xFF
    with pytest.raises(NotAnArchive):
        unpack(bytes(whole))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@given(
    changes=lists(tuples(integers(0, 2_000), integers(0, 255)), min_size=1, max_size=6),
    runs=lists(
        tuples(integers(0, 2_000), sampled_from([b"\xff" * 4, b"\xff" * 8, b"\0" * 8, b"PK\x06\x06"])), max_size=2
    ),
)
def test_whatever_is_changed_in_an_archive_it_is_read_or_refused(
    changes: list[tuple[int, int]], runs: list[tuple[int, bytes]]
) -> None:
    whole = bytearray(pack(FILES))
    # Counted from the end, where a zip tells what it holds.
    for place, byte in changes:
        whole[-1 - place % len(whole)] = byte
    for place, row in runs:
        start = place % (len(whole) - 8)
        whole[start : start + len(row)] = row
    with contextlib.suppress(NotAnArchive, LimitExceeded):
        assert unpack(bytes(whole))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(NotAnArchive, match="twice"):
        unpack(zipped(("a.yaml", b"a"), ("a.yaml", b"b")))


def test_a_bomb_is_refused_before_it_is_unpacked_whole() -> None:
    with pytest.raises(LimitExceeded, match="bytes"):
        unpack(zipped(("a.yaml", b"x" * (MAX_BYTES + 1))))
    with pytest.raises(LimitExceeded, match="number of files"):
        unpack(zipped(*[(f"{n}.yaml", b"") for n in range(MAX_FILES + 2)]))
