"""The Django admin: one of the four faces. It shows rows and calls operations; it holds no rule."""

from flows.admin import access, breaker, credential, flow, run, workspace

__all__ = ["access", "breaker", "credential", "flow", "run", "workspace"]
