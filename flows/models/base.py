"""What every table shares: a time-ordered id."""

from datetime import datetime
from uuid import UUID

from django.db import models
from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: new rows stand beside each other in the index."""
    return uuid7()


def first_id_at(moment: datetime) -> UUID:
    """The smallest id that a row made at this moment could have: ids are as good as an index on the time of making."""
    milliseconds = int(moment.timestamp() * 1_000)
    return UUID(int=max(0, milliseconds) << 80)


class Identified(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
