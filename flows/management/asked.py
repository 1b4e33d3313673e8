"""What a command line names: a workspace by its address, a flow by its id or name. What is done with it is the command's."""

from argparse import ArgumentTypeError
from uuid import UUID

from django.core.management.base import CommandError
from django.db.models import F
from django.utils.translation import gettext as _

from flows.models import Flow, Workspace
from flows.operations.actor import Actor, system


def text_asked(given: str) -> str:
    """An argument that is kept as it is written, for `type=`. Raises ArgumentTypeError where it is no text."""
    if not _is_text(given):
        raise ArgumentTypeError(
            _("It is not written in UTF-8. Set the terminal to UTF-8, or write it in plain letters.")
        )
    return given


def workspace_asked(slug: str | None) -> Workspace:
    """The workspace at this address; the oldest without one. Raises CommandError where there is none."""
    rows = Workspace.objects.order_by("created_at")
    found = (rows.filter(slug=slug) if slug else rows).first() if _is_text(slug or "") else None
    if found is None:
        raise CommandError(
            _("There is no workspace {name}.").format(name=slug) if slug else _("There is no workspace yet.")
        )
    return found


def actor_asked(slug: str | None) -> Actor:
    """The command line itself in this workspace. Raises CommandError where there is none."""
    return system(workspace_asked(slug).pk, "command line")


def flow_known(workspace: UUID, name: str, *, archived: bool = False) -> Flow | None:
    """The flow with this id or, the oldest of them, this name; an archived one only when asked for, and where no other is
    called so."""
    rows = Flow.objects.filter(workspace_id=workspace)
    rows = rows if archived else rows.filter(archived_at__isnull=True)
    try:
        return rows.filter(pk=UUID(name)).first()
    except ValueError:
        if not _is_text(name):
            return None
        return rows.filter(name=name).order_by(F("archived_at").desc(nulls_first=True), "created_at").first()


def flow_asked(workspace: UUID, name: str, *, archived: bool = False) -> Flow:
    """The flow of `flow_known`. Raises CommandError where there is none, or where it is archived and that isn't asked for."""
    found = flow_known(workspace, name, archived=True)
    if found is None:
        raise CommandError(_("There is no flow {name}.").format(name=name))
    if found.archived_at is not None and not archived:
        raise CommandError(_("The flow {name} is archived. Restore it first.").format(name=found.name))
    return found


def _is_text(given: str) -> bool:
    """Whether it can be a name at all: what a shell hands over may be any bytes."""
    return given.encode("utf-8", "replace").decode() == given
