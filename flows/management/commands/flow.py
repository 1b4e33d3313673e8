"""`manage.py flow validate|diff|run|export|import|test FILE…`: flows as files. The first two and test need no server.

`manage.py flow rollback FLOW` makes an older version live again, `manage.py flow promote FLOW --to ENVIRONMENT` what is live
in the environment before, `manage.py flow take-out FLOW --from ENVIRONMENT` none any more. `manage.py flow fsck` looks through the runs of the database for what must never be.
"""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from flows.dsl.diff import diff
from flows.dsl.diff_text import diff_text
from flows.dsl.files import MANIFEST, SUFFIXES, read_file
from flows.dsl.read import InvalidDocument, read_document
from flows.dsl.validate import Problem, validate
from flows.engine.coverage import Coverage, reached
from flows.errors import MulgilError
from flows.journal.read import run_view
from flows.management.asked import actor_asked, flow_asked, flow_known, text_asked
from flows.management.folders import read_paths, write_at_once, write_folder
from flows.models import Draft, Flow
from flows.models.run import LIVE, Status
from flows.nodes.installed import catalogue
from flows.operations.actor import Actor
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.drafts import save_draft
from flows.operations.exchange import Entry, export_flows, import_flows, plan_import
from flows.operations.flows import create_flow
from flows.operations.fsck import check
from flows.operations.good import roll_back_to_last_good
from flows.operations.junit import Suite, junit
from flows.operations.promoting import Preview, live_number, preview, promote
from flows.operations.rehearsal import Stage
from flows.operations.releases import lacking_credentials, roll_back, take_out
from flows.operations.saying import message_of, said, translated
from flows.operations.validation import findings_of, unplannable
from flows.operations.versions import compare
from flows.security import safejson
from flows.security.safejson import Json

LOOK_EVERY = 0.2
WOULD_CHANGE = 3
SECONDS_FOR_TESTS = 600.0
WHAT = {"new": gettext_noop("new"), "changed": gettext_noop("changed"), "same": gettext_noop("same")}


class Command(BaseCommand):
    help = "Validates, tests, runs, exports and imports flows as JSON or YAML files."
    # What reads a file alone must work where nothing is set up.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, text in (
            ("validate", "say every problem, and what a crash would do"),
            ("test", "play the tests that the documents hold"),
            ("import", "make flows of files or of an exported folder, or save them as drafts; whole or not at all"),
            ("run", "run a file on the server and print what comes out"),
        ):
            one = verbs.add_parser(verb, help=text)
            one.add_argument("files", nargs="+", type=Path, metavar="FILE")
            if verb in ("import", "run"):
                one.add_argument("--workspace", default="", help="its address; the oldest without it")
        verbs.choices["import"].add_argument("--publish", action="store_true", help="publish them too")
        verbs.choices["import"].add_argument(
            "--dry-run",
            action="store_true",
            help=f"say what would change, alone; exit code {WOULD_CHANGE} if something",
        )
        verbs.choices["run"].add_argument("--input", default="{}", help="the input, as JSON")
        verbs.choices["test"].add_argument("--junit", type=Path, metavar="FILE", help="write a JUnit report there")
        difference = verbs.add_parser("diff", help="say what changed from one file, or environment, to another")
        difference.add_argument("files", nargs=2, type=Path, metavar="FILE", help="environments with --flow")
        difference.add_argument("--flow", default="", help="the id or name of the flow that is live in them")
        difference.add_argument("--workspace", default="", help="its address; the oldest without it")
        export = verbs.add_parser("export", help="write flows into a folder with a manifest, or one into one file")
        export.add_argument("flows", nargs="*", metavar="FLOW", help="their ids or names; all of them without")
        export.add_argument("path", type=Path, metavar="PATH", help="a folder; of one flow a .yaml, .yml or .json too")
        export.add_argument("--live", action="store_true", help="what is live instead of the drafts")
        export.add_argument("--workspace", default="", help="its address; the oldest without it")
        _add_releases(verbs)
        fsck = verbs.add_parser("fsck", help="hold every run against the invariants; reads alone, mends nothing")
        fsck.add_argument("--run", type=UUID, metavar="ID", help="this run alone")
        fsck.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb'].replace('-', '_')}")(options)
        except MulgilError as error:
            raise CommandError(message_of(error)) from None
        except OSError as error:
            raise CommandError(str(error)) from None

    def _validate(self, options: dict[str, Any]) -> None:
        wrong = 0
        for file in _flows(options["files"]):
            document = _read(file)
            problems = validate(document, catalogue())
            wrong += len(problems)
            for found in problems:
                self.stdout.write(f"{file}:{found.path or '/'}: {_said(found)}")
            for warning in findings_of(document, problems):
                self.stdout.write(f"{file}:{warning.path or '/'}: {_('warning')}: {_said(warning)}")
            if not problems:
                self.stdout.write(f"{file}: {_('can run')}")
        if wrong:
            raise CommandError(_("{count} problems").format(count=wrong))

    def _diff(self, options: dict[str, Any]) -> None:
        if options["flow"]:
            actor = actor_asked(options["workspace"])
            flow = flow_asked(actor.workspace, options["flow"], archived=True).pk
            numbers = [live_number(actor, flow, str(name)) for name in options["files"]]
            self.stdout.write(diff_text(compare(actor, flow, before=numbers[0], after=numbers[1]), gettext))
            return
        before, after = (read_document(_read(file)) for file in options["files"])
        self.stdout.write(diff_text(diff(before, after), gettext))

    def _test(self, options: dict[str, Any]) -> None:
        with Stage(SECONDS_FOR_TESTS) as stage:
            suites = [self._suite(stage, file) for file in _flows(options["files"])]
        if options["junit"] is not None:
            options["junit"].write_bytes(junit(suites))
        failed = sum(bool(case.wrong) for suite in suites for case in suite.cases)
        troubles = sum(bool(suite.trouble) for suite in suites)
        if failed or troubles:
            said = _("{count} tests failed").format(count=failed)
            left = _("{count} files can't be tested").format(count=troubles)
            raise CommandError(f"{said}, {left}" if troubles else said)

    def _suite(self, stage: Stage, file: Path) -> Suite:
        try:
            raw = _read(file)
            problems = unplannable(validate(raw, catalogue()))
            if problems:
                raise InvalidDocument(problems)
            document = read_document(raw)
            played = stage.rehearse(document)
        except (MulgilError, OSError) as error:
            trouble = message_of(error) if isinstance(error, MulgilError) else str(error)
            self.stdout.write(f"{_('ERROR'):<7} {file}: {trouble}")
            return Suite(name=file.stem, file=str(file), trouble=trouble)
        for case in played.cases:
            self.stdout.write(f"{_('FAILED') if case.wrong else _('passed')}  {file}: {case.name}")
            for sentence in case.wrong:
                self.stdout.write(f"        {said(sentence)}")
        for line in _coverage_lines(played.coverage):
            self.stdout.write(line)
        return Suite(name=document.name or file.stem, file=str(file), cases=played.cases)

    def _import(self, options: dict[str, Any]) -> None:
        actor = actor_asked(options["workspace"])
        plan = plan_import(actor, read_paths(options["files"]), publish=options["publish"])
        for entry in plan.entries:
            self._tell(entry)
        for fault in plan.faults:
            self.stdout.write(f"{_('refused'):<8} {fault.file}: {said(fault.reason)}")
        for file in plan.left_out:
            self.stdout.write(_("left out {file}: the manifest doesn't list it").format(file=file))
        if plan.faults:
            raise CommandError(_("Nothing was taken in: {count} files can't be.").format(count=len(plan.faults)))
        if options["dry_run"]:
            if plan.changes:
                told = _("Nothing was taken in: {count} flows would change.").format(count=plan.changes)
                raise CommandError(told, returncode=WOULD_CHANGE)
            self.stdout.write(_("Nothing would change."))
            return
        for taken in import_flows(actor, plan):
            published = _("published as version {number}").format(number=taken.version) if taken.version else ""
            waits = _("it waits for a second person") if taken.waits else ""
            told = ", ".join(one for one in (published, waits) if one)
            self.stdout.write(f"{taken.flow}  {taken.entry.name}  {told}".rstrip())

    def _tell(self, entry: Entry) -> None:
        told = [entry.name]
        if entry.before:
            told.append(_("which is called {name} now").format(name=entry.before))
        if entry.publishes:
            told.append(_("to be published"))
        self.stdout.write(f"{_(WHAT[entry.what]):<8} {entry.file}: {', '.join(told)}")
        if entry.differences is None:
            self.stdout.write(f"         {_('its draft is no document and is replaced whole')}")
        elif entry.differences:
            for line in diff_text(entry.differences, gettext).splitlines():
                self.stdout.write(f"         {line}")
        if entry.unknown_types:
            told_types = _("unknown node types: {types}").format(types=", ".join(entry.unknown_types))
            self.stdout.write(f"         {told_types}")
        for found in entry.problems:
            self.stdout.write(f"         {found.path or '/'}: {translated(found.template, found.params)}")

    def _run(self, options: dict[str, Any]) -> None:
        actor = actor_asked(options["workspace"])
        for file in options["files"]:
            flow = _put(actor, file)
            order = DraftOrder(input=safejson.loads(options["input"]))
            run = start_draft(actor, flow.pk, order).run.id
            view = _ended(run)
            self.stdout.write(safejson.dumps(view["output"] if view["status"] == "succeeded" else view["error"]))
            if view["status"] != "succeeded":
                raise CommandError(_("the run ended as {status}").format(status=Status(view["status"]).label))

    def _fsck(self, options: dict[str, Any]) -> None:
        checked = check(options["run"])
        if options["json"]:
            faults: Json = [{fault.thing: str(fault.run), **asdict(fault.finding)} for fault in checked.faults]
            self.stdout.write(safejson.dumps({"runs": checked.runs, "events": checked.events, "faults": faults}))
        else:
            for fault in checked.faults:
                self.stdout.write(str(fault))
            self.stdout.write(f"{checked.runs} runs, {checked.events} events, {len(checked.faults)} faults")
        if options["run"] is not None and not checked.runs:
            raise CommandError(_("There is no run {id}.").format(id=options["run"]))
        if checked.faults:
            raise CommandError(f"{len(checked.faults)} faults")

    def _rollback(self, options: dict[str, Any]) -> None:
        actor = actor_asked(options["workspace"])
        flow = flow_asked(actor.workspace, options["flow"])
        asked = {"reason": options["reason"], "environment": options["environment"]}
        if options["to"] is None:
            made = roll_back_to_last_good(actor, flow.pk, **asked)
        else:
            made = roll_back(actor, flow.pk, version=options["to"], **asked)
        told = _("New runs of {flow} use version {number}.")
        if made.previous:
            told = _("New runs of {flow} use version {number} instead of version {before}.")
        before = made.previous.number if made.previous else None
        self.stdout.write(told.format(flow=flow.name, number=made.version.number, before=before))
        for name in lacking_credentials(made):
            self.stderr.write(
                _("There is no credential {name}: steps that ask for it fail until it is made.").format(name=name)
            )

    def _promote(self, options: dict[str, Any]) -> None:
        actor = actor_asked(options["workspace"])
        flow = flow_asked(actor.workspace, options["flow"])
        asked: dict[str, Any] = {name: options[name] for name in ("to", "source", "version")}
        if options["dry_run"]:
            self._foresee(preview(actor, flow.pk, **asked))
        done = promote(actor, flow.pk, **asked, reason=options["reason"])
        if done.release is not None:
            number = done.release.version.number
            told = _("New runs of {flow} in {environment} use version {number}.")
            self.stdout.write(told.format(flow=flow.name, environment=options["to"], number=number))
        else:
            told = _("The release of {flow} in {environment} waits for a second person.")
            self.stdout.write(told.format(flow=flow.name, environment=options["to"]))

    def _take_out(self, options: dict[str, Any]) -> None:
        actor, where = actor_asked(options["workspace"]), options["source"]
        # One that is archived starts nothing, but keeps its place there until it is taken out.
        flow = flow_asked(actor.workspace, options["flow"], archived=True)
        made = take_out(actor, flow.pk, environment=where, reason=options["reason"])
        told = {"flow": flow.name, "environment": where}
        self.stdout.write(_("Nothing of %(flow)s starts in %(environment)s any more.") % told)
        number = made.version.number
        self.stdout.write(_("Version {number} was live there; runs that go on keep it.").format(number=number))

    def _foresee(self, seen: Preview) -> None:
        told = [_("version {number} to {environment}").format(number=seen.version.number, environment=seen.target.name)]
        if seen.source:
            told.append(_("from {environment}").format(environment=seen.source.name))
        if seen.live:
            told.append(_("instead of version {number}").format(number=seen.live.number))
        self.stdout.write(", ".join(told))
        for line in diff_text(seen.changes, gettext).splitlines() if seen.live else ():
            self.stdout.write(f"         {line}")
        for one in seen.vars:
            where = _("of the environment") if one.is_given else _("of the flow")
            value = safejson.dumps(one.value)
            self.stdout.write(_("variable {name} = {value} ({where})").format(name=one.name, value=value, where=where))
        for bound in seen.credentials:
            credential = bound.credential or _("not bound")
            self.stdout.write(_("credential {name} is {credential}").format(name=bound.name, credential=credential))
        for error in seen.obstacles:
            self.stdout.write(f"{_('refused'):<8} {message_of(error)}")
        if seen.obstacles:
            raise CommandError(
                _("Nothing was promoted: {count} things are in the way.").format(count=len(seen.obstacles))
            )
        raise CommandError(_("Nothing was promoted: it would be done."), returncode=WOULD_CHANGE)

    def _export(self, options: dict[str, Any]) -> None:
        actor, path, names = actor_asked(options["workspace"]), options["path"], options["flows"]
        is_file = path.suffix in SUFFIXES and not path.is_dir()
        if is_file and len(names) != 1:
            raise CommandError(_("A file holds one flow: name it before {path}, or give a folder.").format(path=path))
        chosen = [flow_asked(actor.workspace, name, archived=True).pk for name in names]
        if is_file:
            self._export_one(actor, chosen[0], path, live=options["live"])
            return
        texts = export_flows(actor, chosen if names else None, live=options["live"])
        for file in write_folder(path, texts):
            self.stdout.write(_("left alone {file}: it is none of these flows").format(file=path / file))
        self.stdout.write(_("{count} flows in {path}").format(count=len(texts) - 1, path=path))

    def _export_one(self, actor: Actor, flow: UUID, path: Path, *, live: bool) -> None:
        text = next((text for name, text in export_flows(actor, [flow], live=live).items() if name != MANIFEST), None)
        if text is None:
            raise CommandError(_("Nothing of this flow is live; without --live its draft is exported."))
        if path.suffix == ".json":
            filed = read_file(text.encode())
            assert isinstance(filed.document, dict)  # it was just written
            head = {} if filed.document.get("name") == filed.name else {"flow": filed.name}
            text = safejson.dumps({**head, **filed.document})
        write_at_once(path, text)
        self.stdout.write(str(path))


def _said(found: Problem) -> str:
    """A problem or a finding with its mend."""
    mend = gettext(found.hint) if found.hint else ""
    return f"{translated(found.template, found.params)} {mend}".rstrip()


def _add_releases(verbs: Any) -> None:
    """What changes where a flow is live."""
    back = verbs.add_parser("rollback", help="make an older version live again; the last good one without --to")
    back.add_argument("flow", help="the flow's id or name")
    back.add_argument("--to", type=int, metavar="N", help="this version")
    back.add_argument("--reason", type=text_asked, default="", help="why, for the history")
    back.add_argument("--environment", help="where; the default environment without it")
    back.add_argument("--workspace", default="", help="its address; the oldest without it")
    promote = verbs.add_parser("promote", help="make what is live in one environment live in another")
    promote.add_argument("flow", help="the flow's id or name")
    promote.add_argument("--to", required=True, metavar="ENVIRONMENT", help="where it is to be live")
    promote.add_argument("--from", dest="source", metavar="ENVIRONMENT", help="the nearest before without it")
    promote.add_argument("--version", type=int, metavar="N", help="this version, wherever it is live")
    promote.add_argument("--reason", type=text_asked, default="", help="why, for the history")
    promote.add_argument("--workspace", default="", help="its address; the oldest without it")
    promote.add_argument(
        "--dry-run",
        action="store_true",
        help=f"say what would change, alone; exit code {WOULD_CHANGE} if it would be done",
    )
    out = verbs.add_parser("take-out", help="let nothing of a flow start in an environment any more")
    out.add_argument("flow", help="the flow's id or name")
    out.add_argument("--from", dest="source", required=True, metavar="ENVIRONMENT", help="where it is live")
    out.add_argument("--reason", type=text_asked, default="", help="why, for the history")
    out.add_argument("--workspace", default="", help="its address; the oldest without it")


def _flows(files: list[Path]) -> list[Path]:
    """Without the manifest: a folder's `*.yaml` are its flows and that."""
    return [file for file in files if file.name != MANIFEST]


def _read(file: Path) -> Json:
    return read_file(file.read_bytes()).document


def _coverage_lines(told: Coverage) -> Iterator[str]:
    nodes, ports = told.nodes, told.ports
    counts = {"nodes": reached(nodes), "all_nodes": len(nodes), "ports": reached(ports), "all_ports": len(ports)}
    said = _("coverage {share} %: {nodes} of {all_nodes} nodes, {ports} of {all_ports} ports")
    yield f"        {said.format(share=told.share, **counts)}"
    for place in told.never:
        said = _("never reached: node {place}") if place.port is None else _("never reached: port {place}")
        yield f"        {said.format(place=place)}"


def _put(actor: Actor, file: Path) -> Flow:
    """The flow of the document's name with this document as its draft; a new one where there is none."""
    filed = read_file(file.read_bytes())
    document, name = filed.document, filed.name or file.stem
    flow = flow_known(actor.workspace, name)
    if flow is None:
        return create_flow(actor, name=name, document=document)
    revision = Draft.objects.values_list("revision", flat=True).get(flow=flow)
    save_draft(actor, flow.pk, document=document, revision=revision)
    return flow


def _ended(run: UUID) -> dict[str, Any]:
    while True:
        view: dict[str, Any] = run_view(run) or {}
        if view.get("status") not in LIVE:
            return view
        time.sleep(LOOK_EVERY)
