"""What was deployed where: one row for each deployment that a step began. It outlives its run."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified


class Deployment(Identified):
    """Written in the transaction of the events of its step, so that it says what the journal says.

    `share`: per cent of the requests that the new variant was given; `previous`: the version it came after. One that is
    abandoned ended without a word of its node: nobody put anything back, and the shares stand as they were.
    """

    class State(models.TextChoices):
        UNDER_WAY = "under_way", _("under way")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        ABANDONED = "abandoned", _("abandoned")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    # No reference: the purge takes runs away, and their deployments stay.
    run = models.UUIDField(_("run"))
    step = models.TextField(_("step"))
    number = models.BigIntegerField(_("number of the run"))
    environment = models.CharField(_("environment"), max_length=63)
    endpoint = models.CharField(_("endpoint"), max_length=250)
    target = models.TextField(_("target"))
    model = models.CharField(_("model"), max_length=250)
    version = models.CharField(_("version"), max_length=100)
    previous = models.CharField(_("previous version"), max_length=100)
    strategy = models.CharField(_("strategy"), max_length=20)
    variant = models.CharField(_("variant"), max_length=250)
    share = models.PositiveSmallIntegerField(_("share of the requests"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("began"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="flows_deployment_once")]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="flows_deployment_newest"),
            # Who begins looks for who stands there; hardly any do.
            models.Index(
                fields=["workspace", "endpoint"],
                condition=models.Q(state="under_way"),
                name="flows_deployment_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.version}"
