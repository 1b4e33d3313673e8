"""A document where it runs: with the values and the credentials that an environment gives.

It decides how these are laid over what the document says, and what the document leaves for an environment to say. What an
environment is it refuses to know.
"""

from collections.abc import Mapping

from flows.dsl.document import Document
from flows.security.safejson import Json


def laid_over(declared: Mapping[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
    """The variables a document declares, with the values that are given for them. Others are not its business."""
    return {name: given.get(name, value) for name, value in declared.items()}


def bound(document: Document, given: Mapping[str, Json], credentials: Mapping[str, str]) -> Document:
    """The document as it runs where these values and credentials (by the name it uses) are given."""
    settings = document.settings.model_copy(update={"vars": laid_over(document.settings.vars, given)})
    nodes = [
        node.model_copy(update={"credential": credentials.get(node.credential, node.credential)})
        if node.credential
        else node
        for node in document.nodes
    ]
    return document.model_copy(update={"settings": settings, "nodes": nodes})


def credentials_of(document: Document) -> frozenset[str]:
    """The names of the credentials it uses."""
    return frozenset(node.credential for node in document.nodes if node.credential and not node.disabled)


def open_vars(declared: Mapping[str, Json]) -> frozenset[str]:
    """The variables it declares without a value: somebody else has to say it."""
    return frozenset(name for name, value in declared.items() if value is None)
