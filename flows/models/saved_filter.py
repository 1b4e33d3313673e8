"""Filters of the lists of runs and of flows that someone keeps under a name."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified


class SavedFilter(Identified):
    """One's own, or everybody's of the workspace where it is shared."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # Which list it is for: "runs" or "flows".
    listed = models.CharField(max_length=16, default="runs")
    name = models.CharField(_("name"), max_length=80)
    is_shared = models.BooleanField(_("shared"), default=False)
    # In the words of the page's address: {"status": "failed,cancelled", "flow": …, "last": "7d"}.
    filter = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user", "listed", "name"], name="flows_savedfilter_name")
        ]

    def __str__(self) -> str:
        return self.name
