"""What can go wrong while a run is carried out."""

from flows.errors import MulgilError


class NodeTypeMissing(MulgilError):
    """The node type {name} is not installed on this host."""

    code = "node_type_missing"
    hint = "Install the package it comes from on every worker host, or publish a version without it."


class CredentialMissing(MulgilError):
    """The credential {name} does not exist in this workspace."""

    code = "credential_missing"
    hint = "Create it under this name, or choose another one on the node."


class NotAnOutput(MulgilError):
    """The node answered with a list of items, which only a container goes through."""

    code = "not_an_output"


class DocumentMissing(MulgilError):
    """The document of the run is not there any more."""

    code = "document_missing"
    klass = "corruption"


class SettingMissing(MulgilError):
    """What the run's environment gave it is not there any more."""

    code = "setting_missing"
    klass = "corruption"


class NobodyCalls(MulgilError):
    """Flows cannot call flows here: the product is not wired."""

    code = "nobody_calls"


class LeaseLost(MulgilError):
    """This executor has lost its right to its runs."""

    code = "lease_lost"
    status = 503


class BrokenSupervision(MulgilError):
    """The worker host cannot supervise its processes: {reason}"""

    code = "broken_supervision"


class NoProduct(MulgilError):
    """Nothing here can {what}: the executor runs without the product around it."""

    code = "no_product"
