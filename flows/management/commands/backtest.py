"""`manage.py backtest FLOW`: what the draft, or a version, would make of the newest runs, and where it differs."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from flows.errors import MulgilError
from flows.management.asked import actor_asked, flow_asked
from flows.operations.backtests import Difference, Replayed, back_test
from flows.security.safejson import Json, dumps

DIFFERS: Final = 3
LONGEST: Final = 200


class Command(BaseCommand):
    help = "Plays a draft or a version against the newest runs, with the answers the world gave then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("flow", metavar="FLOW", help="its id or name")
        parser.add_argument("--version-number", type=int, metavar="N", help="this version; the draft without it")
        parser.add_argument("--runs", type=int, default=20, help="how many of the newest")
        parser.add_argument("--workspace", default="", help="its address; the oldest without it")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = actor_asked(options["workspace"])
        flow = flow_asked(actor.workspace, options["flow"])
        try:
            found = back_test(actor, flow.pk, version=options["version_number"], runs=options["runs"])
        except MulgilError as error:
            raise CommandError(error.message) from None
        for run in found.runs:
            self._tell(run)
        counts = Counter(run.verdict for run in found.runs)
        self.stdout.write(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) or "no runs")
        if found.left:
            self.stdout.write(f"{found.left} runs were not played: time ran out")
        if len(found.runs) > counts["same"]:
            raise CommandError(f"{len(found.runs) - counts['same']} runs are not the same.", returncode=DIFFERS)

    def _tell(self, run: Replayed) -> None:
        self.stdout.write(f"{run.verdict:<10} #{run.number} {run.before}" + (f" → {run.after}" if run.after else ""))
        if run.reason is not None:
            self.stdout.write(f"           {run.reason.message}")
        for one in run.differences:
            self.stdout.write(f"           {_told(one)}")


def _told(one: Difference) -> str:
    return f"{one.what} {one.step}: {_short(one.before)} → {_short(one.after)}"


def _short(value: Json) -> str:
    text = dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
