from datetime import UTC, datetime
from typing import Any

import pytest

from flows.nodes.base import BadConfig
from flows.nodes.triggers import ScheduleConfig, match_path, path_parts, schedule, webhook


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize("path", ["orders", "/orders/", "orders/:id", "a/b/c", "a.b~c-d_e", ":x/:y"])
def test_a_path_may_have_words_and_parameters(path: str) -> None:
    assert webhook.validate({"path": path})


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "a//b",
        "a/../b",
        ".",
        "a b",
        "a?b",
        "a#b",
        "a%2fb",
        ":",
        ":Id",
        ":1",
        ":id/:id",
        "길",
        "a\n",
        "x" * 101,
        ":a:b",
        "a/*",
    ],
)
def test_a_path_that_could_be_read_two_ways_is_refused(path: str) -> None:
    with pytest.raises(BadConfig, match="path"):
        webhook.validate({"path": path})


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("orders/:id", "/orders/A-1/", {"id": "A-1"}),
        ("orders/:id", "orders", None),
        ("orders/:id", "orders/1/2", None),
        ("orders/:id", "orders/", None),
        ("orders", "orders", {}),
        ("orders", "Orders", None),
        (":a/:b", "x/y", {"a": "x", "b": "y"}),
    ],
)
def test_a_path_is_matched_part_by_part(pattern: str, path: str, found: dict[str, str] | None) -> None:
    assert match_path(pattern, path) == found
    assert path_parts(pattern)


@pytest.mark.parametrize("config", [{"path": "x", "methods": []}, {"path": "x", "methods": ["TRACE"]}, {"path": "x", "auth": "magic"}, {"path": "x", "respond": "later"}, {"path": "x", "secret": "y"}])  # fmt: skip
def test_a_webhook_that_means_nothing_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(BadConfig):
        webhook.validate(config)


def test_the_next_five_times_follow_the_wall_clock_of_the_zone() -> None:
    config = ScheduleConfig(cron="30 9 * * 1-5", timezone="Asia/Seoul")
    times = config.next_times(at("2026-02-27T10:00:00+09:00"))
    assert [time.isoformat() for time in times] == [f"2026-03-0{day}T00:30:00+00:00" for day in (2, 3, 4, 5, 6)]


def test_a_change_of_hour_neither_skips_nor_doubles_a_day() -> None:
    config = ScheduleConfig(cron="30 2 * * *", timezone="Europe/Berlin")
    spring = config.next_times(at("2026-03-28T12:00:00+01:00"), 3)
    autumn = config.next_times(at("2026-10-24T12:00:00+02:00"), 3)
    assert len({time.date() for time in spring}) == 3
    assert len({time.date() for time in autumn}) == 3


def test_an_interval_counts_from_the_epoch_so_that_every_host_agrees() -> None:
    config = ScheduleConfig(every="15m")
    assert [time.isoformat()[11:16] for time in config.next_times(at("2026-03-01T10:07:31Z"), 2)] == ["10:15", "10:30"]
    assert config.next_times(at("2026-03-01T10:15:00Z"), 1) == [at("2026-03-01T10:30:00Z")]


@pytest.mark.parametrize(
    "config",
    [
        {}, {"cron": "* * * * *", "every": "5m"}, {"cron": "61 * * * *"}, {"cron": "x"}, {"cron": ""}, {"every": "500ms"},
        {"every": "0s"}, {"every": "often"}, {"cron": "0 0 30 2 *"}, {"cron": "* * * * *", "timezone": "Mars/Base"},
        {"cron": "* * * * *", "timezone": "../../etc/passwd"}, {"cron": "* * * * *", "timezone": ""},
    ],
)  # fmt: skip
def test_a_schedule_that_never_comes_or_is_none_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(BadConfig):
        schedule.validate(config)
