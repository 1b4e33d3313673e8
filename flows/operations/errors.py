"""The errors that several verbs share."""

from flows.errors import Conflict, MulgilError


class StaleRevision(Conflict):
    """The draft was saved as revision {current} meanwhile; you sent {sent}."""

    code = "stale_revision"
    hint = "Read the draft again and put your change on top of it."


class NotPublished(Conflict):
    """This flow has no live version."""

    code = "not_published"
    hint = "Publish the draft first."


class NotLiveThere(NotPublished):
    """Nothing of this flow is live in {environment}."""

    hint = "Promote or release a version there first."


class ReleasedMeanwhile(Conflict):
    """Something else was released in {environment} since that was looked at; nothing was done."""

    code = "released_meanwhile"
    hint = "Look at what it would change again."


class Archived(MulgilError):
    """This flow is archived."""

    code = "archived"
    status = 410
    hint = "Restore the flow to start it again."
