"""What people are asked by runs, and what each of them said."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified
from flows.models.run import Run


class Approval(Identified):
    """A question to people. `decided` is what their votes came to, `outcome` what came of it for the run.

    `default`: the decision that counts where nobody has made one by the time it is due. `escalation`: JSON text of
    who is asked too if it is still open after a time, stage by stage; `stage`: how many of them were reached, whose
    people stand among `users`, `roles` and `groups` then.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_constraint=False, verbose_name=_("run"))
    step = models.TextField()
    title = models.CharField(_("title"), max_length=200)
    message = models.TextField(_("message"), blank=True, default="")
    users = ArrayField(models.CharField(max_length=150), default=list)
    roles = ArrayField(models.CharField(max_length=16), default=list)
    groups = ArrayField(models.CharField(max_length=100), default=list, db_default=[])
    escalation = models.TextField(default="[]", db_default="[]")
    stage = models.PositiveSmallIntegerField(default=0, db_default=0)
    quorum = models.PositiveIntegerField(default=1)
    needs_comment = models.BooleanField(default=False)
    form = models.TextField(default="{}")
    due_at = models.DateTimeField(_("due"), null=True)
    default = models.CharField(max_length=10, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    decided = models.CharField(_("decided"), max_length=10, blank=True, default="")
    outcome = models.CharField(_("outcome"), max_length=10, blank=True, default="")
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        indexes = [
            models.Index(fields=["workspace", "-id"], name="flows_approval_recent"),
            models.Index(fields=["workspace", "-id"], condition=Q(closed_at__isnull=True), name="flows_approval_open"),
        ]

    def __str__(self) -> str:
        return self.title


class Vote(Identified):
    """One person's word about an approval; a person has one."""

    approval = models.ForeignKey(Approval, models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    name = models.CharField(max_length=150)
    decision = models.CharField(max_length=10)
    comment = models.TextField(blank=True, default="")
    form = models.TextField(default="null")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approval", "user"], name="flows_vote_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.decision}"
