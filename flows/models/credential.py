"""Credentials: encrypted secrets that nodes refer to by name. Values go in and never come out of a face."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified


class Credential(Identified):
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="credentials", verbose_name=_("workspace"))
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=40)
    hosts = ArrayField(models.CharField(max_length=255), default=list, blank=True, verbose_name=_("only for hosts"))
    # How often what it opens may be asked: `rate_limit` times in `rate_per`; `rate_at` is the next turn to be had.
    rate_limit = models.PositiveIntegerField(_("rate"), null=True)
    rate_per = models.DurationField(_("rate per"), null=True)
    rate_at = models.DateTimeField(null=True, editable=False)
    secret = models.BinaryField(editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="flows_credential_name")]

    def __str__(self) -> str:
        return self.name
