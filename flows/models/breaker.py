"""Circuit breakers: what all workers together know of a target that failed. A target that never failed has no row."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified


class Breaker(Identified):
    class State(models.TextChoices):
        CLOSED = "closed", _("closed")
        OPEN = "open", _("open")
        HALF_OPEN = "half_open", _("half open")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    target = models.CharField(_("target"), max_length=300)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.CLOSED)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    first_failed_at = models.DateTimeField(null=True)
    # Open: when one attempt may try. Half open: until when that attempt has to tell what became of it.
    until = models.DateTimeField(_("until"), null=True)
    trips = models.PositiveIntegerField(_("times opened in a row"), default=0)
    last_error = models.TextField(_("last error"), blank=True, default="")
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("circuit breaker")
        verbose_name_plural = _("circuit breakers")
        constraints = [models.UniqueConstraint(fields=["workspace", "target"], name="flows_breaker_target")]

    def __str__(self) -> str:
        return f"{self.target}: {self.state}"
