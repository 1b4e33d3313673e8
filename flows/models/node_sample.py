"""What a node was given once, kept under a name, so that it can be worked on alone."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified
from flows.models.flow import Flow


class NodeSample(Identified):
    """The run's input and the outputs a node could read; while `value` is empty, the wish to catch the next ones."""

    class Source(models.TextChoices):
        TYPED = "typed", _("typed")
        RUN = "run", _("of a run")
        CAUGHT = "caught", _("caught")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="+")
    node = models.CharField(max_length=63)
    name = models.CharField(_("name"), max_length=80)
    source = models.CharField(max_length=10, choices=Source)
    # Journal data is text: {"input": …, "nodes": {id: output}}.
    value = models.TextField(blank=True, default="")
    run = models.UUIDField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["flow", "node", "name"], name="flows_nodesample_name")]
        indexes = [models.Index(fields=["workspace"], condition=Q(value=""), name="flows_nodesample_listening")]

    def __str__(self) -> str:
        return f"{self.node} · {self.name}"
