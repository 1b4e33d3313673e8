"""The Django admin: one of the four faces. It shows rows and calls operations; it holds no rule."""

from flows.admin import (
    access,
    approval,
    breaker,
    credential,
    deployment,
    environment,
    flow,
    job,
    outbox,
    run,
    version,
    workspace,
)

__all__ = [
    "access",
    "approval",
    "breaker",
    "credential",
    "deployment",
    "environment",
    "flow",
    "job",
    "outbox",
    "run",
    "version",
    "workspace",
]
