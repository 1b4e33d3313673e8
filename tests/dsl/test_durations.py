import pytest

from flows.dsl.durations import parse_duration
from flows.dsl.instants import format_instant, parse_instant

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("500ms", 500_000),
        ("30s", 30 * SECOND),
        ("5m", 300 * SECOND),
        ("24h", 86_400 * SECOND),
        ("7d", 604_800 * SECOND),
        ("0s", 0),
    ],
)
def test_a_duration_is_whole_microseconds(text: str, micros: int) -> None:
    assert parse_duration(text) == micros


@pytest.mark.parametrize(
    "text", ["", "5", "1.5s", "-1s", "1w", "5S", " 5s", "5s ", "5s\n", "٣s", "1e3s", "1826d", "9" * 15 + "d"]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|five years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T09:00:00+09:00", 0),
        ("1970-01-01T00:00:01.5z", 1_500_000),
        ("1969-12-31T23:59:59Z", -SECOND),
        ("2026-01-31T09:30:00.123456-05:30", 1_769_871_600_123_456),
    ],
)
def test_an_instant_is_microseconds_since_the_epoch(text: str, instant: int) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    ["", "2026-01-31", "2026-01-31T09:30:00", "2026-02-30T00:00:00Z", "tomorrow", "2026-01-31T25:00:00Z", "1769851800",
     "2026-01-31T09:30:00Z\n", "٢026-01-31T09:30:00Z"],
)  # fmt: skip
def test_a_text_without_an_offset_or_a_day_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"instant|calendar"):
        parse_instant(text)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "2026-01-31T00:30:00.500000Z", "1969-12-31T23:59:59Z"])
def test_an_instant_is_written_as_it_is_read(text: str) -> None:
    assert format_instant(parse_instant(text)) == text
