"""`manage.py backtest FLOW`: what the draft, or a version, would make of the newest runs, and where it differs."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from flows.errors import MulgilError
from flows.management.asked import actor_asked, flow_asked
from flows.models.run import Status
from flows.operations.backtests import Difference, Replayed, back_test
from flows.operations.saying import message_of
from flows.security.safejson import Json, dumps

DIFFERS: Final = 3
LONGEST: Final = 200
VERDICTS: Final[Mapping[str, str]] = {
    "same": gettext_noop("same"),
    "differs": gettext_noop("differs"),
    "unanswered": gettext_noop("unanswered"),
    "refused": gettext_noop("refused"),
    "too_long": gettext_noop("too long"),
}
SENTENCES: Final[Mapping[str, str]] = {
    "state": gettext_noop("state {step}: {before} → {after}"),
    "output": gettext_noop("output {step}: {before} → {after}"),
    "call": gettext_noop("call {step}: {before} → {after}"),
    "end": gettext_noop("end {step}: {before} → {after}"),
}
# What a run's end tells, which stands in the place of a step there.
ENDS: Final[Mapping[str, str]] = {
    "status": gettext_noop("status"),
    "error": gettext_noop("error"),
    "output": gettext_noop("output"),
}


class Command(BaseCommand):
    help = "Plays a draft or a version against the newest runs, with the answers the world gave then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("flow", metavar="FLOW", help="its id or name")
        parser.add_argument("--version-number", type=int, metavar="N", help="this version; the draft without it")
        parser.add_argument("--runs", type=int, default=20, help="how many of the newest")
        parser.add_argument("--workspace", default="", help="its address; the oldest without it")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = actor_asked(options["workspace"])
        flow = flow_asked(actor.workspace, options["flow"], archived=True)
        try:
            found = back_test(actor, flow.pk, version=options["version_number"], runs=options["runs"])
        except MulgilError as error:
            raise CommandError(message_of(error)) from None
        for run in found.runs:
            self._tell(run)
        counts = Counter(run.verdict for run in found.runs)
        told = ", ".join(f"{count} {_(VERDICTS[verdict])}" for verdict, count in sorted(counts.items()))
        self.stdout.write(told or _("no runs"))
        if found.left:
            self.stdout.write(_("{count} runs were not played: time ran out").format(count=found.left))
        if len(found.runs) > counts["same"]:
            said = _("{count} runs are not the same.").format(count=len(found.runs) - counts["same"])
            raise CommandError(said, returncode=DIFFERS)

    def _tell(self, run: Replayed) -> None:
        after = f" → {_status(run.after)}" if run.after else ""
        self.stdout.write(f"{_(VERDICTS[run.verdict]):<10} #{run.number} {_status(run.before)}{after}")
        if run.reason is not None:
            self.stdout.write(f"           {message_of(run.reason)}")
        for one in run.differences:
            self.stdout.write(f"           {_told(one)}")


def _status(status: str) -> str:
    return str(Status(status).label)


def _told(one: Difference) -> str:
    step = _(ENDS[one.step]) if one.what == "end" else one.step
    return _(SENTENCES[one.what]).format(step=step, before=_short(one.before), after=_short(one.after))


def _short(value: Json) -> str:
    text = dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
