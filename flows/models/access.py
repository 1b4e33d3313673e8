"""Who may do what: workspaces, memberships, tokens, invitations and what a user prefers."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from flows.models.base import Identified


class Workspace(Identified):
    """The tenant: everything belongs to exactly one."""

    slug = models.SlugField(_("address"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=200)
    retention_days = models.PositiveIntegerField(_("days a finished run is kept"), default=30)
    # Which versions of its flows are kept: the newest so many, and those younger than so many days; null for both: all.
    keep_versions = models.PositiveIntegerField(_("newest versions that are kept"), null=True, blank=True)
    keep_version_days = models.PositiveIntegerField(_("days a version is kept"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    OPERATOR = "operator", _("operator")
    EDITOR = "editor", _("editor")
    ADMIN = "admin", _("admin")


class Membership(Identified):
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships", verbose_name=_("workspace"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="flows_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class Group(Identified):
    """People of a workspace that flows ask by one name; who leaves the workspace leaves its groups."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="groups", verbose_name=_("workspace"))
    name = models.CharField(_("name"), max_length=100)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    members = models.ManyToManyField(
        Membership, through="GroupMember", related_name="groups", blank=True, verbose_name=_("members")
    )

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="flows_group_once")]

    def __str__(self) -> str:
        return self.name


class GroupMember(Identified):
    group = models.ForeignKey(Group, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Membership, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "member"], name="flows_group_member_once")]

    def __str__(self) -> str:
        return f"{self.group} · {self.member}"


class Profile(models.Model):
    """What a user prefers: language, theme, keys, and the workspace last used."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="profile")
    language = models.CharField(_("language"), max_length=8, default="", blank=True)
    theme = models.CharField(_("theme"), max_length=8, default="auto")
    # The keys of the editor's commands that this user changed, by the command's id; none of them is a command without keys.
    keys = models.JSONField(_("keys"), default=dict, blank=True)
    last_workspace = models.ForeignKey(Workspace, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.user)


class Token(Identified):
    """A program's key to one workspace; only its hash is kept."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="tokens", verbose_name=_("workspace"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=200)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=16, editable=False)
    scopes = ArrayField(models.CharField(max_length=64), default=list, blank=True, verbose_name=_("scopes"))
    # What was made with a token ends with it: who revokes one that leaked must not have to look for its children.
    made_with = models.ForeignKey("self", models.CASCADE, null=True, editable=False, related_name="made")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class Invitation(Identified):
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations", verbose_name=_("workspace"))
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.email
