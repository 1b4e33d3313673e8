"""Why a model is not in service, as parts of sentences: what is said of a deployment, its target and its registry.

It decides the words alone: a journal keeps them in English, filled, and who shows them says them again by these
templates (decision 0234). When one of them is said, it refuses to know.
"""

from typing import Final

from flows.nodes.base import _

LEFT: Final = _("its run went on without it or ended before it was through")
LATE: Final = _("the time of the attempt was over before the target had answered")
SILENT: Final = _("{url} took longer than {seconds} s")
UNSAID: Final = _("no reason was given")

GONE: Final = _("the target no longer knows the new variant")
FAILED: Final = _("the target says that the variant failed: {reason}")
STARTING: Final = _("the target says that it is starting")
STARTING_WITH: Final = _("the target says that it is starting: {reason}")
UNHEALTHY: Final = _("it was not healthy in time: {reason}")
ERRORS: Final = _("{rate} of {requests} requests failed, more than {most}")
SLOW: Final = _("its p99 is {figure} ms, more than {most} ms")

VARIANT_MOVES: Final = _("the variant {name} is starting")
ENDPOINT_MOVES: Final = _("the endpoint {name} has the status {status}")

NO_STATUS: Final = _("it tells no status of the endpoint")
NO_VARIANTS: Final = _("it lists no variants")
NAMELESS: Final = _("a variant has no name")
UNREADABLE: Final = _("the state, weight or figures of the variant {name}")
EMPTY: Final = _("it is empty")

TARGET: Final = _("The target")
REGISTRY: Final = _("The registry")
HEALTH: Final = _("The health check")
ACTION: Final = _("SageMaker ({action})")

KEYLESS: Final = _("credential: SageMaker needs one with an access key and its secret")
STEPS: Final = _("the steps of a canary grow, such as 5, 25, 50; 100 follows by itself")
HOSTING: Final = _("SageMaker needs a region, a role and an image")
FIGURELESS: Final = _("SageMaker tells no figures: watch it by a health address")
ENVIRONMENT: Final = _("an environment is made of small letters, digits, _ and -")
TOO_LONG: Final = _("the settings are too long together: a deployment carries them to its end")

REASONS: Final = tuple(text for name, text in tuple(globals().items()) if name.isupper() and isinstance(text, str))
"""All of them."""
