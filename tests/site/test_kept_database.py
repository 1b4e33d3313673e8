"""The embedded database as a part: started again without keeping `up` from its other parts."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from builder_ui.data_folder import DataFolder
from builder_ui.environment import read_environment
from builder_ui.kept_database import KeptDatabase
from builder_ui.parts import Child, Part
from builder_ui.postgres.cluster import Cluster
from builder_ui.postgres.embedded import open_cluster
from builder_ui.site import LOOK_EVERY, Options, Site
from builder_ui.spawn import spawn

PATIENCE = 120.0


class Sleeper(Child):
    """A part that needs nothing."""

    def __init__(self) -> None:
        waiting, self.gate = os.pipe()
        self.report = waiting
        self.is_open = False
        self.spawn = spawn(["sleep", "1000"], death_signal=signal.SIGKILL)


class House:
    """A site of a database that begins when it may, and of one other part."""

    def __init__(self, folder: Path) -> None:
        (folder / "data").mkdir(mode=0o700)
        self.said: list[str] = []
        cluster = open_cluster(DataFolder(folder / "data"), self.said.append)
        self.may_begin = cluster.place.home / "may-begin"
        self.may_begin.touch()
        self.site = Site(Options(host="127.0.0.1", port=0, samples=False), read_environment())
        self.database = KeptDatabase(self._holding(cluster), self.said.append, self.said.append)
        self.site.database = self.database
        self.part = Part("web server", Sleeper, self.said.append)
        self.part.warm()
        self.part.begin()
        self.site.parts = [self.part]

    def _holding(self, cluster: Cluster) -> Cluster:
        """As one whose recovery takes as long as we like: its server waits for a file before it begins."""
        programs = cluster.place.home / "programs" / "bin"
        script = programs / "postgres"
        cluster.place.account.make_folder(programs.parent)
        cluster.place.account.make_folder(programs)
        script.write_text(
            f'#!/bin/sh\nwhile [ ! -e "{self.may_begin}" ]; do sleep 0.05; done\n'
            f'exec "{cluster.programs.path("postgres")}" "$@"\n'
        )
        script.chmod(0o700)
        cluster.place.account.own(script)
        return replace(cluster, programs=replace(cluster.programs, root=programs.parent))

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"{what} did not happen: {self.said}"
            self.site.look()
            time.sleep(LOOK_EVERY)

    def kill_database(self) -> None:
        assert self.database.server is not None
        os.kill(self.database.server.pid, signal.SIGKILL)

    def begins_again(self) -> bool:
        return self.database.server is not None and not self.database.is_ready

    def part_pid(self) -> int | None:
        return self.part.running.spawn.pid if self.part.running is not None else None

    def answers(self) -> bool:
        with psycopg.connect(self.database.cluster.place.address(), autocommit=True) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    made = House(folder)
    try:
        made.database.await_ready()
        yield made
    finally:
        made.may_begin.touch()
        for child in made.part.children():
            child.end(0)
        made.database.stop()


def test_another_part_that_dies_while_the_database_recovers_comes_back_at_once(house: House) -> None:
    house.may_begin.unlink()
    house.kill_database()
    house.until(house.begins_again, "a database that begins again")
    killed = house.part_pid()
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    house.until(lambda: house.part_pid() not in (killed, None), "another web server")
    assert not house.database.is_ready, "the database recovers still"
    house.may_begin.touch()
    house.until(lambda: house.database.is_ready, "a database that is ready")
    assert house.answers()


def test_a_database_that_dies_while_it_recovers_is_begun_again(house: House) -> None:
    house.may_begin.unlink()
    house.kill_database()
    house.until(house.begins_again, "a database that begins again")
    house.kill_database()
    house.until(lambda: any("could not start" in line for line in house.said), "a start that fails")
    house.may_begin.touch()
    house.until(lambda: house.database.is_ready, "a database that is ready")
    assert house.answers()


def test_files_that_cannot_be_written_for_now_are_no_reason_to_give_up(house: House) -> None:
    settings = house.database.cluster.folder / "postgresql.conf"
    settings.unlink()
    settings.mkdir()
    house.kill_database()
    house.until(lambda: any("could not start" in line for line in house.said), "a start that fails")
    settings.rmdir()
    house.until(lambda: house.database.is_ready, "a database that is ready")
    assert house.answers()
