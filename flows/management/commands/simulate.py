"""`manage.py simulate --seeds N`: histories full of misfortune, each from a seed; the first that goes wrong is told."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flows.runtime.simulation.play import play, shortest, story


class Command(BaseCommand):
    help = "Plays simulated histories of crashes, pauses and lost answers, and says which seed breaks an invariant."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seeds", type=int, default=1_000, help="how many histories")
        parser.add_argument(
            "--first", type=int, default=0, metavar="SEED", help="the first seed; with --seeds 1 a replay"
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
        began = time.process_time()
        for seed in range(first, first + count):
            wrong = play(seed)
            if wrong:
                for sentence in wrong:
                    self.stdout.write(f"seed {seed}: {sentence}")
                raise CommandError(
                    f"seed {seed} breaks an invariant; `simulate --first {seed} --seeds 1 --story` tells how"
                )
        self.stdout.write(f"{count} seeds from {first} hold, in {time.process_time() - began:.1f} s of work")

    def _tell(self, seed: int) -> None:
        without = shortest(seed) if play(seed) else frozenset[int]()
        if without:
            self.stdout.write(f"without {len(without)} mishaps it can do without:")
        for line in story(seed, without):
            self.stdout.write(line)
