"""`manage.py runs …`: one thing done to many runs, as the runs page and the API do it, from a shell.

`manage.py runs resolve RUN STEP` says what became of one uncertain step.
It reads the filter and tells what comes of it; what may be done and how is decided by the operations.
"""

import time
from argparse import SUPPRESS, ArgumentParser
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from flows.errors import MulgilError
from flows.management.asked import actor_asked, flow_asked, text_asked
from flows.models import Job
from flows.operations import jobs, steering, sweeping
from flows.operations.actor import Actor
from flows.operations.retention import purge, would_go
from flows.operations.run_filter import RunFilter
from flows.security import safejson

ACTIONS: Final = {
    "retry": "run failed and cancelled runs again, from the step that failed",
    "cancel": "ask runs to end",
    "pause": "let nothing new begin in runs",
    "resume": "let paused runs go on",
    "move": "have runs of one flow go on by another of its versions, where they fit it",
    "delete": "delete runs that have ended, with all that hangs on them",
}
LOOK_EVERY: Final = 0.5
TOLD: Final = 20


class Command(BaseCommand):
    help = "Does one thing to many runs, chosen by a filter, as a job that the worker hosts carry on; resolves a step."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, text in ACTIONS.items():
            one = verbs.add_parser(verb, help=text)
            _add_filter(one)
            one.add_argument("--dry-run", action="store_true", help="say how many runs that would be, alone")
            one.add_argument("--wait", action="store_true", help="wait for the end and say what was refused")
            one.add_argument("--reason", type=text_asked, default="", help="why; the runs say so")
        verbs.choices["cancel"].add_argument("--compensate", action="store_true", help="run the undo nodes first")
        verbs.choices["move"].add_argument("--to", type=int, required=True, metavar="N", help="the version")
        verbs.choices["move"].add_argument("--run", type=UUID, action="append", metavar="RUN", help="only this one")
        verbs.choices["retry"].add_argument("--from-start", action="store_true", help="instead of the failed step")
        purged = verbs.add_parser("purge", help="delete what is past its days, as the worker hosts do every hour")
        purged.add_argument("--workspace", default="", help=SUPPRESS)
        purged.add_argument("--dry-run", action="store_true", help="say what would go, alone")
        listed = verbs.add_parser("jobs", help="list the newest jobs")
        listed.add_argument("--workspace", default="", help="its address; the oldest without it")
        decided = verbs.add_parser("resolve", help="say what became of an uncertain step")
        decided.add_argument("run", type=UUID, metavar="RUN")
        decided.add_argument("step", type=text_asked, metavar="STEP", help="its key, such as charge or each[3]/charge")
        decided.add_argument("verdict", choices=("succeeded", "failed", "retry"))
        decided.add_argument("--output", default="null", help="what it gave, as JSON; the nodes after it read it")
        decided.add_argument("--port", type=text_asked, default="out", help="the port it leaves by")
        decided.add_argument("--message", type=text_asked, default="", help="of a failure, for people")
        decided.add_argument("--workspace", default="", help="its address; the oldest without it")
        for verb, text in (("job", "say how a job stands"), ("stop", "leave the rest of a job's runs alone")):
            one = verbs.add_parser(verb, help=text)
            one.add_argument("job", type=UUID, metavar="JOB")
            one.add_argument("--workspace", default="", help="its address; the oldest without it")

    def handle(self, *args: Any, **options: Any) -> None:
        actor, verb = actor_asked(options["workspace"]), options["verb"]
        try:
            match verb:
                case "purge":
                    self._purge(options["dry_run"])
                case "jobs":
                    for job in jobs.list_jobs(actor, limit=20).rows:
                        self._tell(job)
                case "job":
                    self._tell(jobs.find_job(actor, options["job"]))
                    self._tell_refused(actor, options["job"])
                case "stop":
                    self._tell(jobs.stop_job(actor, options["job"]))
                case "resolve":
                    self._resolve(actor, options)
                case _:
                    self._begin(actor, options)
        except MulgilError as error:
            raise CommandError(error.message) from None

    def _resolve(self, actor: Actor, options: dict[str, Any]) -> None:
        steering.resolve(
            actor,
            options["run"],
            options["step"],
            verdict=options["verdict"],
            output=safejson.loads(options["output"]),
            port=options["port"],
            message=options["message"],
        )
        self.stdout.write(f"{options['run']}  {options['step']}: {options['verdict']}")

    def _begin(self, actor: Actor, options: dict[str, Any]) -> None:
        order = jobs.Order(
            action=options["verb"],
            filter=_filter(actor, options),
            runs=options.get("run") or (),
            reason=options["reason"],
            compensate=options.get("compensate", False),
            from_start=options.get("from_start", False),
            to=options.get("to"),
        )
        if options["dry_run"]:
            found = jobs.preview(actor, order)
            over = f", over the limit of {found.limit} for one job" if found.count > found.limit else ""
            self.stdout.write(f"{min(found.count, found.limit)} runs{over}")
            return
        job = jobs.make_job(actor, order)
        while options["wait"] and job.status == "running":
            time.sleep(LOOK_EVERY)
            job = jobs.find_job(actor, job.pk)
        self._tell(job)
        if options["wait"]:
            self._tell_refused(actor, job.pk)

    def _purge(self, is_dry: bool) -> None:
        if not is_dry:
            self.stdout.write(f"{purge()} runs deleted")
            return
        past = would_go()
        for gone in past:
            self.stdout.write(f"{gone.count} {gone.status} runs of {gone.name} ({gone.flow}), kept {gone.days} days")
        self.stdout.write(f"{sum(gone.count for gone in past)} runs would be deleted")
        values, runs = sweeping.would_go(timezone.now())
        if values:
            self.stdout.write(f"{values} large values of {runs} runs that stay would be let go")

    def _tell(self, job: Job) -> None:
        refused = f", {job.refused} refused" if job.refused else ""
        self.stdout.write(f"{job.pk}  {job.action} {job.status}: {job.done} of {job.total} done{refused}")

    def _tell_refused(self, actor: Actor, job: UUID) -> None:
        page = jobs.results_of(actor, job, outcome="refused", limit=TOLD)
        for one in page.rows:
            self.stdout.write(f"  refused  {one.run_id}  #{one.number}: {one.template.format_map(one.fields)}")
        if page.next is not None:
            self.stdout.write("  …")


def _add_filter(parser: ArgumentParser) -> None:
    parser.add_argument("--workspace", default="", help="its address; the oldest without it")
    parser.add_argument("--flow", default="", help="the flow's id or name")
    parser.add_argument("--flow-version", type=int, metavar="N", help="runs of this version")
    parser.add_argument("--status", default="", help="one or several, separated by commas")
    parser.add_argument("--since", type=_moment, metavar="TIME", help="made since then; 2026-01-31 or with a time")
    parser.add_argument("--until", type=_moment, metavar="TIME", help="made before then")
    parser.add_argument("--code", type=text_asked, help="failed with an error of this code")
    parser.add_argument(
        "--find", default="", metavar="WORDS", help="with all of them in name, error, number, key or id"
    )


def _filter(actor: Actor, options: dict[str, Any]) -> RunFilter:
    return RunFilter(
        flow=flow_asked(actor.workspace, options["flow"], archived=True).pk if options["flow"] else None,
        statuses=[status for status in options["status"].split(",") if status],
        version=options["flow_version"],
        since=options["since"],
        until=options["until"],
        code=options["code"],
        text=options["find"],
    )


def _moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)
