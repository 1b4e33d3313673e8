"""`manage.py simulate --seeds N`: histories full of misfortune, each from a seed; the first that goes wrong is told.

The seeds are shared out among processes, one for each core unless told otherwise; which seed is told is not a matter of who
was first: it is the least that goes wrong.
"""

import gc
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final

import django
from django.core.management.base import BaseCommand, CommandError

from flows.runtime.simulation.play import play, shortest, story

SHARE: Final = 100
"""Seeds that a process plays before it tells."""
TOLD: Final = 50
"""After so many shares it is said how far it has come."""
Wrong = tuple[int, list[str]]


def played(seeds: range) -> Wrong | None:
    """The first of these seeds that goes wrong, and how."""
    found = next(((seed, wrong) for seed in seeds if (wrong := play(seed))), None)
    # What belongs to a world holds each other, and between two histories too little is made for a collector to come by itself.
    gc.collect()
    return found


class Command(BaseCommand):
    help = "Plays simulated histories of crashes, pauses and lost answers, and says which seed breaks an invariant."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seeds", type=int, default=1_000, help="how many histories")
        parser.add_argument(
            "--first", type=int, default=0, metavar="SEED", help="the first seed; with --seeds 1 a replay"
        )
        parser.add_argument(
            "--jobs", type=int, default=os.cpu_count() or 1, help="how many processes share them; one for each core"
        )
        parser.add_argument(
            "--story",
            action="store_true",
            help="tell the first seed's history, without the misfortune it can do without",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        first, count = options["first"], options["seeds"]
        if options["story"]:
            self._tell(first)
            return
        began = time.monotonic()
        shares = [range(at, min(at + SHARE, first + count)) for at in range(first, first + count, SHARE)]
        for number, (share, wrong) in enumerate(zip(shares, _shared(shares, options["jobs"]), strict=True), 1):
            if wrong is not None:
                self._fail(*wrong)
            if number % TOLD == 0:
                so_far = share.stop - first
                self.stdout.write(f"{so_far} seeds hold, {so_far / (time.monotonic() - began):.0f} a second")
        self.stdout.write(f"{count} seeds from {first} hold, in {time.monotonic() - began:.1f} s")

    def _fail(self, seed: int, wrong: list[str]) -> None:
        for sentence in wrong:
            self.stdout.write(f"seed {seed}: {sentence}")
        raise CommandError(f"seed {seed} breaks an invariant; `simulate --first {seed} --seeds 1 --story` tells how")

    def _tell(self, seed: int) -> None:
        without = shortest(seed) if play(seed) else frozenset[int]()
        if without:
            self.stdout.write(f"without {len(without)} mishaps it can do without:")
        for line in story(seed, without):
            self.stdout.write(line)


def _shared(shares: list[range], jobs: int) -> Iterator[Wrong | None]:
    """What came of each share, in their order."""
    if jobs <= 1 or len(shares) <= 1:
        yield from map(played, shares)
        return
    with ProcessPoolExecutor(jobs, initializer=django.setup) as processes:
        try:
            yield from processes.map(played, shares)
        finally:
            processes.shutdown(cancel_futures=True)
