"""Flows, their drafts, their immutable versions, and the releases that say which version is live. Where one is live
stands beside the environments.

Documents are text, not jsonb: jsonb reorders keys and changes numbers, and a version's hash is over its text.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified


class Flow(Identified):
    class KeptBy(models.TextChoices):
        WORKSPACE = "workspace", _("as the workspace says")
        ALL = "all", _("all versions")
        OWN = "own", _("by its own policy")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="flows", verbose_name=_("workspace"))
    name = models.CharField(_("name"), max_length=200)
    active = models.BooleanField(_("triggers active"), default=True)
    # Words by which people keep their flows apart; in the order they were given.
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[], verbose_name=_("tags"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)
    # Since when its triggers stand still because its runs only fail, and by which figures:
    # {"failed", "since", "run", "version", "code", "message"}. Failures before it was resumed don't count again.
    suspended_at = models.DateTimeField(_("suspended"), null=True, editable=False)
    suspension = models.JSONField(default=dict, editable=False)
    resumed_at = models.DateTimeField(null=True, editable=False)

    # Days that its finished runs are kept, and its failed ones; null: as long as the workspace says, as any other.
    retention_days = models.PositiveIntegerField(_("days a finished run is kept"), null=True, blank=True)
    failed_days = models.PositiveIntegerField(_("days a failed run is kept"), null=True, blank=True)
    payload_days = models.PositiveIntegerField(_("days the large values of a run are kept"), null=True, blank=True)
    # Whose words say which versions are kept, and its own.
    version_policy = models.CharField(
        _("which versions are kept"),
        max_length=10,
        choices=KeptBy.choices,
        default=KeptBy.WORKSPACE,
        db_default=KeptBy.WORKSPACE,
    )
    keep_versions = models.PositiveIntegerField(_("newest versions that are kept"), null=True, blank=True)
    keep_version_days = models.PositiveIntegerField(_("days a version is kept"), null=True, blank=True)

    class Meta:
        verbose_name = _("flow")
        verbose_name_plural = _("flows")
        indexes = [models.Index(fields=["workspace", "-updated_at"], name="flows_flow_recent")]

    def __str__(self) -> str:
        return self.name

    @property
    def live(self) -> "Release | None":
        """What answers starts that name no environment; asked for unless the flow was read with its `lives`."""
        rows = self.lives.all()
        if "lives" not in getattr(self, "_prefetched_objects_cache", ()):
            rows = rows.filter(environment__is_default=True).select_related("environment", "release__version")
        return next((one.release for one in rows if one.environment.is_default), None)


class Draft(models.Model):
    """The one editable document of a flow; every save raises `revision`."""

    flow = models.OneToOneField(Flow, models.CASCADE, primary_key=True, related_name="draft")
    document = models.TextField()
    revision = models.BigIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return f"{self.flow} · {self.revision}"


class Version(Identified):
    """A published document. It is never edited nor renumbered, which a trigger holds too; its name and note may be written
    again, and its text may be pruned."""

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="versions", verbose_name=_("flow"))
    number = models.PositiveIntegerField(_("version"))
    document = models.TextField()
    hash = models.CharField(max_length=64)
    # What people call it and say of it; these alone may be written again.
    name = models.CharField(_("name"), max_length=80, blank=True, default="", db_default="")
    note = models.TextField(_("note"), blank=True, default="")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(_("published"), auto_now_add=True)
    # Since when nobody may use it any more; its text goes a while later and nothing else of it does.
    pruned_at = models.DateTimeField(_("pruned"), null=True, editable=False)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["flow", "number"], name="flows_version_number"),
            models.CheckConstraint(
                condition=~models.Q(document="") | models.Q(pruned_at__isnull=False), name="flows_version_text"
            ),
        ]
        indexes = [
            models.Index(fields=["pruned_at"], condition=models.Q(pruned_at__isnull=False), name="flows_version_pruned")
        ]

    def __str__(self) -> str:
        return f"{self.flow} v{self.number}"


class Release(Identified):
    """Which version answers new starts in an environment, and the canary beside it. Rows are only ever added: they are
    the history."""

    class Kind(models.TextChoices):
        PUBLISH = "publish", _("published")
        PROMOTE = "promote", _("promoted")
        ROLLBACK = "rollback", _("rolled back")
        CANARY = "canary", _("canary")
        END_CANARY = "end_canary", _("canary ended")
        GUARD = "guard", _("rolled back by a guard")
        # Nothing is live there from then on; the version is the one that was.
        TAKE_OUT = "take_out", _("taken out")

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="releases", verbose_name=_("flow"))
    environment = models.ForeignKey(
        "flows.Environment", models.PROTECT, related_name="releases", verbose_name=_("environment")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    version = models.ForeignKey(Version, models.PROTECT, related_name="+", verbose_name=_("live version"))
    previous = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+", verbose_name=_("version before"))
    canary = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+", verbose_name=_("canary version"))
    canary_weight = models.PositiveSmallIntegerField(_("canary weight, %"), default=0)
    guards = models.JSONField(_("guards"), default=dict, blank=True)
    # The weights the canary goes through by itself; empty where a person changes it.
    steps = models.JSONField(_("steps"), default=list, blank=True)
    # What made a guard act: {"guard", "figures", "runs"}.
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("released"), auto_now_add=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        indexes = [
            models.Index(fields=["flow", "-created_at"], name="flows_release_history"),
            # The guards look every second at the few releases that have a canary.
            models.Index(fields=["flow"], condition=models.Q(canary__isnull=False), name="flows_release_canary"),
        ]

    def __str__(self) -> str:
        return f"{self.flow} → v{self.version.number}"
