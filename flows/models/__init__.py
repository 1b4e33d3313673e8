"""The tables of the product, one module per concept; no rule stands here."""

from flows.models.access import Group, GroupMember, Invitation, Membership, Profile, Token, Workspace
from flows.models.approval import Approval, Vote
from flows.models.audit import Alert, AuditEntry
from flows.models.breaker import Breaker
from flows.models.credential import Credential
from flows.models.deployment import Deployment
from flows.models.environment import Environment, Live, Proposal, Setting
from flows.models.executor import Executor
from flows.models.flow import Draft, Flow, Release, Version
from flows.models.job import Job, JobResult
from flows.models.journal import Event, Payload, PayloadUse, Snapshot, WentBy
from flows.models.lock import LockPlace
from flows.models.message import Delivery, Destination, Inbox, Outbox
from flows.models.node_sample import NodeSample
from flows.models.run import FailedItems, Run
from flows.models.saved_filter import SavedFilter
from flows.models.trigger import Trigger

__all__ = [
    "Alert",
    "Approval",
    "AuditEntry",
    "Breaker",
    "Credential",
    "Delivery",
    "Deployment",
    "Destination",
    "Draft",
    "Environment",
    "Event",
    "Executor",
    "FailedItems",
    "Flow",
    "Group",
    "GroupMember",
    "Inbox",
    "Invitation",
    "Job",
    "JobResult",
    "Live",
    "LockPlace",
    "Membership",
    "NodeSample",
    "Outbox",
    "Payload",
    "PayloadUse",
    "Profile",
    "Proposal",
    "Release",
    "Run",
    "SavedFilter",
    "Setting",
    "Snapshot",
    "Token",
    "Trigger",
    "Version",
    "Vote",
    "WentBy",
    "Workspace",
]
