"""`manage.py sync REPOSITORY`: bring the flows of a workspace and of a git repository together, both ways.

Each side's changes go to the other. What both changed is shown and left to people; then nothing at all is done.
"""

from argparse import ArgumentParser
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from flows.dsl.canonical import content_hash
from flows.dsl.diff_text import diff_text
from flows.errors import BadInput, MulgilError, phrase
from flows.management.asked import workspace_asked
from flows.management.repository import Repository
from flows.operations.actor import Actor, system
from flows.operations.exchange import export_flows, import_flows, plan_import
from flows.operations.flows import archive_flow
from flows.operations.saying import message_of
from flows.operations.syncing import Copies, Side, Step, compare, copies_of, files_to_take

WOULD_CHANGE: Final = 3
_WORDS: Final = {
    "in": gettext_noop("taken in"),
    "out": gettext_noop("written"),
    "remove": gettext_noop("removed"),
    "archive": gettext_noop("archived"),
    "conflict": gettext_noop("conflict"),
}


class Command(BaseCommand):
    help = "Brings the flows of a workspace and of a git repository together, both ways."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("repository", type=Path, metavar="REPOSITORY", help="a working copy of git")
        parser.add_argument("--folder", default="flows", help="the flows' folder in it")
        parser.add_argument("--workspace", default="", help="its address; the oldest without it")
        parser.add_argument("--live", action="store_true", help="live versions instead of drafts, both ways")
        parser.add_argument(
            "--dry-run", action="store_true", help=f"say what would be done; {WOULD_CHANGE} if something"
        )
        parser.add_argument(
            "--prefer", choices=("ours", "theirs"), help="which side's changes stay where both have some"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._sync(options)
        except MulgilError as error:
            raise CommandError(message_of(error)) from None
        except OSError as error:
            raise CommandError(str(error)) from None

    def _sync(self, options: dict[str, Any]) -> None:
        workspace = workspace_asked(options["workspace"])
        actor, live = system(workspace.pk, "git"), bool(options["live"])
        repository = Repository(
            root=options["repository"], folder=_folder(options["folder"]), agreed=f"refs/mulgil/{workspace.slug}"
        )
        repository.bring_up_to_date()
        there, agreed = copies_of(repository.files()), copies_of(repository.agreed_files())
        # What was taken in and waits for a second person counts as live here: the repository isn't put back meanwhile.
        awaited = {content_hash(copy.document) for copy in (*there.values(), *agreed.values())}
        ours = export_flows(actor, live=live, awaited=awaited)
        steps = compare(_copies(ours), there, agreed, prefer=options["prefer"])
        if live and options["prefer"] != "theirs":
            _spare_drafts(steps, _copies(export_flows(actor)))
        for step in steps:
            self._tell(step)
        conflicts = sum(step.what == "conflict" for step in steps)
        if conflicts:
            said = _("Nothing was done: {count} flows changed on both sides. Settle them, or use --prefer.")
            raise CommandError(said.format(count=conflicts))
        changes = sum(step.what != "same" for step in steps)
        if options["dry_run"]:
            if changes:
                said = _("Nothing was done: {count} flows would change.").format(count=changes)
                raise CommandError(said, returncode=WOULD_CHANGE)
            if not repository.holds(ours):
                said = _("Nothing was done: the flows are the same, and the manifest would be brought up to date.")
                raise CommandError(said, returncode=WOULD_CHANGE)
            self.stdout.write(_("Both sides are the same."))
            return
        is_written = self._carry_out(actor, repository, steps, live=live, awaited=awaited)
        if changes:
            self.stdout.write(_("{count} flows were brought together.").format(count=changes))
        elif is_written:
            self.stdout.write(_("The flows are the same; the manifest was brought up to date."))
        else:
            self.stdout.write(_("Both sides are the same."))

    def _carry_out(
        self, actor: Actor, repository: Repository, steps: list[Step], *, live: bool, awaited: Collection[str]
    ) -> bool:
        """Ours first, in one transaction; then theirs; whether there was something to commit.

        Whatever ends it in between, the next time goes on from there.
        """
        plan = plan_import(actor, files_to_take(steps), publish=live)
        with transaction.atomic():
            taken = import_flows(actor, plan)
            for step in steps:
                if step.what == "archive" and step.flow is not None:
                    archive_flow(actor, step.flow)
        for one in taken:
            if one.waits:
                self.stdout.write(f"          {one.entry.name} v{one.version}: {_('it waits for a second person')}")
        texts = export_flows(actor, live=live, awaited=awaited)
        removed = [file for file in repository.files() if file not in texts]
        is_written = repository.commit(texts, removed, _message(steps))
        repository.agree()
        return is_written

    def _tell(self, step: Step) -> None:
        if step.what == "same":
            return
        self.stdout.write(f"{_(_WORDS[step.what]):<9} {step.name}")
        sides: dict[str, tuple[Side, ...]] = {"in": ("theirs",), "out": ("ours",), "conflict": ("ours", "theirs")}
        for side in sides.get(step.what, ()):
            changes = step.changes(side)
            if step.what == "conflict":
                self.stdout.write(f"          {_('here') if side == 'ours' else _('in the repository')}:")
            if changes is None and step.what == "conflict":
                gone = (step.ours if side == "ours" else step.theirs) is None
                self.stdout.write(f"            {_('it was taken away') if gone else _('it was made')}")
            for line in diff_text(changes or [], gettext).splitlines() if changes else []:
                self.stdout.write(f"            {line}")


def _copies(texts: Mapping[str, str]) -> Copies:
    return copies_of({name: text.encode() for name, text in texts.items()})


def _spare_drafts(steps: list[Step], drafts: Copies) -> None:
    """Publishing what comes in makes it the draft too, so a draft that nobody has published must not stand there."""
    for step in steps:
        draft = drafts.get(step.flow) if step.flow is not None else None
        if step.what != "in" or draft is None:
            continue
        known = {copy.sameness for copy in (step.ours, step.theirs) if copy is not None}
        if draft.sameness not in known:
            raise BadInput(
                reason=phrase(
                    "the draft of {name} holds changes that are not published; publish or drop them first, or use --prefer "
                    "theirs",
                    name=step.name,
                )
            )


def _message(steps: list[Step]) -> str:
    named = sorted(step.name for step in steps if step.what in ("out", "remove"))
    first = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
    return f"Flows as they stand in Mulgil: {first}" if named else "Flows as they stand in Mulgil"


def _folder(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or path.parts[0] == ".git":
        raise BadInput(reason=phrase("{name} is no folder inside the repository", name=name))
    return str(path)
