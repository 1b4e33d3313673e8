"""Work that must not end is begun again, later and later, and whoever rests on what can't be is told of its end."""

import asyncio
import logging

import pytest

from flows.observe import lasting
from flows.observe.lasting import pause, watched


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "FIRST_PAUSE", 0.0)


class Work:
    """Fails so often, then goes on until it is cut, or returns."""

    def __init__(self, failures: int, *, returns: bool = True) -> None:
        self.begun = 0
        self.goes_on = asyncio.Event()
        self.was_cut = False
        self._failures, self._returns = failures, returns

    async def __call__(self) -> None:
        self.begun += 1
        if self.begun <= self._failures:
            raise LookupError("nobody foresaw this")
        if self._returns:
            return
        self.goes_on.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.was_cut = True


async def test_work_that_fails_is_told_and_begun_again_until_it_returns(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(3)
    with caplog.at_level(logging.ERROR):
        await lasting.lasting("the work", work)
    assert work.begun == 4
    told = [record for record in caplog.records if "the work ended by an error" in record.message]
    assert len(told) == 3
    assert all(record.exc_info and record.exc_info[0] is LookupError for record in told)


async def test_a_cut_passes_through_to_the_work() -> None:
    work = Work(1, returns=False)
    task = asyncio.ensure_future(lasting.lasting("the work", work))
    await work.goes_on.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.was_cut
    assert work.begun == 2


async def test_who_rests_on_a_task_is_told_of_its_end_by_an_error_and_of_no_other() -> None:
    lost: list[str] = []
    well, fails, is_cut = Work(0), Work(1), Work(0, returns=False)
    tasks = [
        watched(name, asyncio.ensure_future(work()), lambda name=name: lost.append(name))  # type: ignore[misc]  # bound now
        for name, work in {"well": well, "fails": fails, "is cut": is_cut}.items()
    ]
    await is_cut.goes_on.wait()
    tasks[2].cancel()
    await asyncio.wait(tasks)
    await asyncio.sleep(0)  # what is to be called when they are done is called
    assert lost == ["fails"]


def test_the_pause_grows_to_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "FIRST_PAUSE", 0.5)
    assert [pause(failures) for failures in (1, 2, 3, 6, 7, 100)] == [0.5, 1.0, 2.0, 16.0, 30.0, 30.0]
