"""Locks: who stands in line for one, and who holds one. A lock that nobody wants has no row."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.run import Run


class LockPlace(models.Model):
    """One step's place: in line while it has no `token`, inside from then on, until the run leaves it.

    Written and deleted in the transactions of the run's journal; the order of ids is the order of arrival. `seed` is
    that of the attempt that asked. Who was put out by hand keeps the row until the run leaves the container.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    # Not constrained: the purge deletes both.
    run = models.ForeignKey(
        Run, models.CASCADE, related_name="+", db_index=False, db_constraint=False, verbose_name=_("run")
    )
    step = models.TextField()
    seed = models.BigIntegerField()
    name = models.CharField(_("name"), max_length=200)
    limit = models.PositiveIntegerField(_("limit"), default=1)
    due_at = models.DateTimeField(_("due"), null=True)
    asked_at = models.DateTimeField(_("asked"))
    token = models.BigIntegerField(_("fencing token"), null=True)
    granted_at = models.DateTimeField(_("granted"), null=True)
    released_at = models.DateTimeField(_("released by hand"), null=True)
    released_by = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("lock")
        verbose_name_plural = _("locks")
        constraints = [models.UniqueConstraint(fields=["run", "step", "seed"], name="flows_lockplace_once")]
        indexes = [
            models.Index(
                fields=["workspace", "name", "id"], condition=Q(token__isnull=True), name="flows_lockplace_waiting"
            ),
            models.Index(
                fields=["workspace", "name", "id"],
                condition=Q(token__isnull=False, released_at__isnull=True),
                name="flows_lockplace_inside",
            ),
        ]

    def __str__(self) -> str:
        return self.name
