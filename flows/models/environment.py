"""Environments: where a flow's versions are live side by side, what each gives to runs, and what waits for a second person.

Which release is live where stands in `Live` alone. A setting is never changed, for runs name theirs.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Role, Workspace
from flows.models.base import Identified
from flows.models.flow import Flow, Release, Version


class Environment(Identified):
    """A place to be live in. Its name stays: it is part of addresses."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="environments", verbose_name=_("workspace"))
    name = models.CharField(_("name"), max_length=40)
    # Where it stands on the way to the last one: a version is promoted from one to the next.
    place = models.PositiveSmallIntegerField(_("place"))
    # Where what names no environment goes.
    is_default = models.BooleanField(_("the default one"), default=False)
    # Null: it gives nothing of its own.
    setting = models.ForeignKey("flows.Setting", models.PROTECT, null=True, related_name="+", editable=False)
    # Who may release there; nobody named: whoever may publish.
    users = ArrayField(models.CharField(max_length=150), default=list, blank=True, verbose_name=_("users"))
    roles = ArrayField(
        models.CharField(max_length=16, choices=Role.choices), default=list, blank=True, verbose_name=_("roles")
    )
    groups = ArrayField(models.CharField(max_length=100), default=list, blank=True, verbose_name=_("groups"))
    needs_second = models.BooleanField(_("needs a second pair of eyes"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("environment")
        verbose_name_plural = _("environments")
        ordering = ("place", "id")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="flows_environment_name"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_default=True), name="flows_environment_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Setting(Identified):
    """What an environment gives to runs from a moment on; its newest is the one it points to."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="settings")
    # Text, not jsonb, for jsonb changes numbers: {variable: value}.
    vars = models.TextField(default="{}")
    # Which credential a name in a document means there: {name: credential}.
    credentials = models.JSONField(default=dict)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.environment} · {self.created_at}"


class Live(Identified):
    """Which release answers new starts of a flow in an environment."""

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="lives", db_index=False)
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="lives")
    release = models.OneToOneField(Release, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["flow", "environment"], name="flows_live_once")]

    def __str__(self) -> str:
        return f"{self.flow} · {self.environment}"


class Proposal(Identified):
    """A release that waits for a second person; `canary` is what it is to be watched by, empty for a whole release."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REPLACED = "replaced", _("replaced by a newer one")

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="proposals", db_index=False, verbose_name=_("flow"))
    environment = models.ForeignKey(
        Environment, models.PROTECT, related_name="proposals", verbose_name=_("environment")
    )
    version = models.ForeignKey(Version, models.PROTECT, related_name="+", verbose_name=_("version"))
    kind = models.CharField(_("kind"), max_length=16, choices=Release.Kind.choices)
    canary = models.JSONField(default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # As who proposed was called then; a command line is no user.
    proposer = models.CharField(_("proposed by"), max_length=200)
    created_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices, blank=True, default="")
    decided_by = models.CharField(_("decided by"), max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(_("decided"), null=True)
    comment = models.TextField(_("comment"), blank=True, default="")
    release = models.ForeignKey(Release, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("proposed release")
        verbose_name_plural = _("proposed releases")
        constraints = [
            models.UniqueConstraint(fields=["flow", "environment"], condition=Q(outcome=""), name="flows_proposal_open")
        ]
        indexes = [models.Index(fields=["flow", "-id"], name="flows_proposal_of_flow")]

    def __str__(self) -> str:
        return f"{self.flow} v{self.version.number} → {self.environment}"
