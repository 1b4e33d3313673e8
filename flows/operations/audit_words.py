"""What an entry of the audit says, in the reader's language. The audit keeps its verb and what it was done to in English,
so that a program reads the same in every house; who shows an entry has its sentence said here.
"""

import re
from typing import Final

from django.utils.translation import gettext

from flows.models import AuditEntry


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


SENTENCES: Final = (
    _("created {subject}"), _("changed {subject}"), _("deleted {subject}"), _("removed {subject}"),
    _("renamed {subject}"), _("archived {subject}"), _("restored {subject}"), _("tagged {subject}"),
    _("turned on {subject}"), _("turned off {subject}"), _("suspended {subject}"), _("resumed {subject}"),
    _("published {subject}"), _("annotated {subject}"), _("imported {subject}"), _("pruned {subject}"),
    _("set the retention of {subject}"), _("set which versions are kept of {subject}"),
    _("released (publish) {subject}"), _("released (promote) {subject}"), _("released (rollback) {subject}"),
    _("released (canary) {subject}"), _("released (end_canary) {subject}"), _("released (guard) {subject}"),
    _("released (take_out) {subject}"), _("proposed {subject}"), _("approved the release of {subject}"),
    _("rejected the release of {subject}"), _("withdrawn the release of {subject}"),
    _("replaced the release of {subject}"), _("shared {subject}"), _("revoked {subject}"), _("invited {subject}"),
    _("withdrew invitation {subject}"), _("joined {subject}"), _("changed role of {subject}"),
    _("deactivated {subject}"), _("made group {subject}"), _("removed group {subject}"),
    _("put into group {subject}"), _("took out of group {subject}"), _("sent again {subject}"),
    _("dropped {subject}"), _("dismissed {subject}"), _("ran again {subject}"), _("released {subject}"),
    _("closed {subject}"), _("saw {subject}"), _("stopped {subject}"), _("began to run again {subject}"),
    _("began to cancel {subject}"), _("began to pause {subject}"), _("began to resume {subject}"),
    _("began to move {subject}"), _("began to delete {subject}"), _("approved in {subject}"),
    _("rejected in {subject}"), _("sent cancel to {subject}"), _("sent pause to {subject}"),
    _("sent resume to {subject}"), _("sent signal to {subject}"), _("sent resolve to {subject}"),
    _("sent approval to {subject}"), _("sent breakpoints to {subject}"), _("sent let_go to {subject}"),
    _("sent move to {subject}"),
)  # fmt: skip
_OF_VERB: Final = {sentence.removesuffix(" {subject}"): sentence for sentence in SENTENCES}

SUBJECTS: Final = (
    _("flow {name}"), _("token {name}"), _("filter {name}"), _("credential {name}"), _("destination {name}"),
    _("environment {name}"), _("workspace {name}"), _("circuit breaker {name}"), _("lock {name}"), _("alert {name}"),
    _("run #{number}"), _("{number} dead letters"), _("{number} messages"), _("{number} runs"), _("{number} flows"),
    _("a job over {number} runs"), _("{number} items of {name}"),
)  # fmt: skip
_SHAPES: Final = {"number": "[0-9]+", "name": ".+"}
_HOLE: Final = re.compile(r"\\\{(\w+)\\\}")


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub(lambda hole: f"(?P<{hole[1]}>{_SHAPES[hole[1]]})", re.escape(template)), re.DOTALL)


_PATTERNS: Final = tuple((_pattern(template), template) for template in SUBJECTS)


def sentence_of(entry: AuditEntry) -> str:
    """What was done to what. A verb nobody knows any more stands as it was written."""
    sentence = _OF_VERB.get(entry.verb)
    if sentence is None:
        return f"{entry.verb} {entry.subject}"
    return gettext(sentence).format(subject=_said(entry.subject))


def _said(subject: str) -> str:
    """The name of a thing with the word for what it is; a name alone is nobody's to translate."""
    for pattern, template in _PATTERNS:
        if found := pattern.fullmatch(subject):
            return gettext(template).format(**found.groupdict())
    return subject
