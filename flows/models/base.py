"""What every table shares: a time-ordered id."""

from uuid import UUID

from django.db import models
from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: new rows stand beside each other in the index."""
    return uuid7()


class Identified(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
