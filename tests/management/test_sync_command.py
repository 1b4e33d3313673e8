"""Flows of a workspace and of a git repository are brought together both ways, with a real git and a real remote."""

import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from flows.models import Draft, Flow
from flows.operations.actor import Actor, system
from flows.operations.documents import from_text
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.flows import archive_flow, create_flow
from flows.operations.promoting import live_number
from flows.operations.proposals import approve, list_proposals, reject
from flows.operations.publishing import publish
from flows.operations.releases import release
from flows.operations.versions import find_version
from tests.cast import CHAIN, workspace

pytestmark = pytest.mark.django_db


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=Kim", "-c", "user.email=kim@shop.example", "-c", "init.defaultBranch=main")
    done = subprocess.run(("git", *who, *words), cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    bare = tmp_path / "remote.git"
    bare.mkdir()
    git(bare, "init", "--bare", "--quiet")
    return bare


def clone(remote: Path, name: str) -> Path:
    git(remote.parent, "clone", "--quiet", str(remote), name)
    return remote.parent / name


@pytest.fixture
def copy(remote: Path) -> Path:
    """The working copy that the product syncs; it has one commit of somebody else."""
    folder = clone(remote, "copy")
    (folder / "README").write_text("flows", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "begin")
    git(folder, "push", "--quiet", "--set-upstream", "origin", "HEAD")
    return folder


@pytest.fixture
def actor() -> Actor:
    return system(workspace("shop").pk, "tests")


def made(actor: Actor, name: str) -> Flow:
    return create_flow(actor, name=name, document=CHAIN)


def value(flow: Flow) -> object:
    document = from_text(Draft.objects.get(flow=flow).document)
    assert isinstance(document, dict)
    nodes = document["nodes"]
    assert isinstance(nodes, list)
    return next(node["config"]["value"] for node in nodes if isinstance(node, dict) and node["id"] == "two")  # type: ignore[index,call-overload]  # a document's shape


def change(actor: Actor, flow: Flow, expression: str) -> None:
    nodes = [*CHAIN["nodes"][:2], CHAIN["nodes"][2] | {"config": {"value": expression}}]
    revision = Draft.objects.values_list("revision", flat=True).get(flow=flow)
    save_draft(actor, flow.pk, document=CHAIN | {"nodes": nodes}, revision=revision)


def change_there(remote: Path, file: str, before: str, after: str) -> None:
    """Somebody else edits a file by hand and pushes it; the manifest stays as it was."""
    elsewhere = clone(remote, f"elsewhere-{len(list(remote.parent.iterdir()))}")
    path = elsewhere / "flows" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    git(elsewhere, "commit", "--quiet", "--all", "--message", f"edit {file}")
    git(elsewhere, "push", "--quiet")


def sync(copy: Path, *words: str) -> str:
    out = StringIO()
    call_command("sync", str(copy), *words, stdout=out)
    return out.getvalue()


def there(remote: Path, file: str) -> str:
    return git(remote, "show", f"HEAD:flows/{file}")


def test_the_first_time_every_flow_is_committed_and_pushed_and_the_next_time_nothing(
    actor: Actor, remote: Path, copy: Path
) -> None:
    made(actor, "Orders")
    made(actor, "Billing")
    assert "2 flows were brought together." in sync(copy)
    assert "flow: Orders" in there(remote, "orders.yaml")
    assert (
        git(remote, "log", "-1", "--format=%an: %s").strip() == "Mulgil: Flows as they stand in Mulgil: Billing, Orders"
    )
    before = git(remote, "rev-parse", "HEAD")
    assert sync(copy) == "Both sides are the same.\n"
    assert git(remote, "rev-parse", "HEAD") == before


def test_what_goes_live_changes_the_manifest_alone_and_an_older_one_is_read(
    actor: Actor, remote: Path, copy: Path
) -> None:
    orders = made(actor, "Orders")
    sync(copy)
    assert "live" not in there(remote, "manifest.yaml"), "as it was written before it told what is live"
    publish(actor, orders.pk)
    release(actor, orders.pk, version=1, environment="staging")
    before = git(remote, "rev-parse", "HEAD")
    with pytest.raises(CommandError, match="the manifest would be brought up to date") as told:
        sync(copy, "--dry-run")
    assert (told.value.returncode, git(remote, "rev-parse", "HEAD")) == (3, before)
    assert sync(copy) == "The flows are the same; the manifest was brought up to date.\n"
    assert sync(copy, "--dry-run") == "Both sides are the same.\n"
    added = [line for line in git(remote, "show", "--format=", "HEAD").splitlines() if re.match(r"[+-] ", line)]
    assert added == ["+  live:", "+    production: 1", "+    staging: 1"]
    change_there(remote, "orders.yaml", "nodes.one.x + 1", "nodes.one.x + 20")
    assert "taken in  Orders" in sync(copy)
    assert live_number(actor, orders.pk, "staging") == 1, "what the manifest tells is released by nobody"


def test_what_was_changed_on_either_side_comes_to_the_other_in_one_go(actor: Actor, remote: Path, copy: Path) -> None:
    orders, billing = made(actor, "Orders"), made(actor, "Billing")
    sync(copy)
    change(actor, orders, "{{ nodes.one.x + 10 }}")
    change_there(remote, "billing.yaml", "nodes.one.x + 1", "nodes.one.x + 20")
    told = sync(copy)
    assert "written   Orders" in told
    assert "taken in  Billing" in told
    assert "{{ nodes.one.x + [-1-]{+20+} }}" in told
    assert "nodes.one.x + 10" in there(remote, "orders.yaml")
    assert value(billing) == "{{ nodes.one.x + 20 }}"
    assert sync(copy) == "Both sides are the same.\n"


def test_what_both_changed_is_shown_and_nothing_is_done(actor: Actor, remote: Path, copy: Path) -> None:
    orders, billing = made(actor, "Orders"), made(actor, "Billing")
    sync(copy)
    change(actor, orders, "{{ nodes.one.x + 10 }}")
    change(actor, billing, "{{ nodes.one.x + 11 }}")
    change_there(remote, "orders.yaml", "nodes.one.x + 1", "nodes.one.x + 30")
    before = git(remote, "rev-parse", "HEAD")
    out = StringIO()
    with pytest.raises(CommandError, match="1 flows changed on both sides"):
        call_command("sync", str(copy), stdout=out)
    assert "conflict  Orders" in out.getvalue()
    assert "{{ nodes.one.x + [-1-]{+10+} }}" in out.getvalue()
    assert "{{ nodes.one.x + [-1-]{+30+} }}" in out.getvalue()
    assert value(orders) == "{{ nodes.one.x + 10 }}"
    assert git(remote, "rev-parse", "HEAD") == before


@pytest.mark.parametrize(("side", "stays"), [("ours", "{{ nodes.one.x + 10 }}"), ("theirs", "{{ nodes.one.x + 30 }}")])
def test_a_conflict_is_settled_for_the_side_that_is_preferred(
    actor: Actor, remote: Path, copy: Path, side: str, stays: str
) -> None:
    orders = made(actor, "Orders")
    sync(copy)
    change(actor, orders, "{{ nodes.one.x + 10 }}")
    change_there(remote, "orders.yaml", "nodes.one.x + 1", "nodes.one.x + 30")
    sync(copy, "--prefer", side)
    assert value(orders) == stays
    assert stays in there(remote, "orders.yaml")


def test_a_copy_of_a_file_that_keeps_the_flows_name_is_named_and_nothing_is_done(
    actor: Actor, remote: Path, copy: Path
) -> None:
    orders = made(actor, "Orders")
    sync(copy)
    elsewhere = clone(remote, "elsewhere")
    text = there(remote, "orders.yaml").replace("x + 1", "x + 2")
    for file in ("copied.yaml", "zcopied.yaml"):
        (elsewhere / "flows" / file).write_text(text, encoding="utf-8")
        git(elsewhere, "add", ".")
        git(elsewhere, "commit", "--quiet", "--message", "copy")
        git(elsewhere, "push", "--quiet")
        with pytest.raises(CommandError, match=r"copied\.yaml: it is the same flow as"):
            sync(copy)
        assert there(remote, file) == text
    assert value(orders) == "{{ nodes.one.x + 1 }}"


def test_two_installations_keep_one_repository_and_archive_nothing(remote: Path, copy: Path, actor: Actor) -> None:
    orders = made(actor, "Orders")
    sync(copy, "--workspace", "shop")
    second, theirs = clone(remote, "second"), system(workspace("branch").pk, "tests")
    elsewhere = made(theirs, "Orders")
    change(theirs, elsewhere, "{{ nodes.one.x + 3 }}")
    with pytest.raises(CommandError, match="1 flows changed on both sides"):
        sync(second, "--workspace", "branch")
    sync(second, "--workspace", "branch", "--prefer", "theirs")
    assert value(elsewhere) == "{{ nodes.one.x + 1 }}"

    change(theirs, elsewhere, "{{ nodes.one.x + 4 }}")
    sync(second, "--workspace", "branch")
    assert sync(copy, "--workspace", "shop").startswith("taken in  Orders")
    assert value(orders) == "{{ nodes.one.x + 4 }}"
    sync(second, "--workspace", "branch")
    assert not Flow.objects.filter(archived_at__isnull=False).exists()
    assert Flow.objects.count() == 2


def test_a_file_taken_away_archives_its_flow_and_an_archived_flow_takes_its_file_away(
    actor: Actor, remote: Path, copy: Path
) -> None:
    orders, billing = made(actor, "Orders"), made(actor, "Billing")
    sync(copy)
    archive_flow(actor, billing.pk)
    elsewhere = clone(remote, "elsewhere")
    git(elsewhere, "rm", "--quiet", "flows/orders.yaml")
    git(elsewhere, "commit", "--quiet", "--message", "no more orders")
    git(elsewhere, "push", "--quiet")
    told = sync(copy)
    assert "archived  Orders" in told
    assert "removed   Billing" in told
    assert Flow.objects.get(pk=orders.pk).archived_at is not None
    assert git(remote, "ls-tree", "--name-only", "HEAD:flows").split() == ["manifest.yaml"]


def test_a_flow_made_in_the_repository_is_made_here(actor: Actor, remote: Path, copy: Path) -> None:
    made(actor, "Orders")
    sync(copy)
    elsewhere = clone(remote, "elsewhere")
    text = (elsewhere / "flows" / "orders.yaml").read_text(encoding="utf-8")
    (elsewhere / "flows" / "mine.yaml").write_text(text.replace("flow: Orders", "flow: Returns"), encoding="utf-8")
    git(elsewhere, "add", ".")
    git(elsewhere, "commit", "--quiet", "--message", "returns")
    git(elsewhere, "push", "--quiet")
    sync(copy)
    assert Flow.objects.filter(name="Returns", archived_at__isnull=True).count() == 1
    assert "flow: Returns" in there(remote, "returns.yaml")
    assert sync(copy) == "Both sides are the same.\n"


def test_a_dry_run_says_what_would_be_done_by_its_exit_code_too(actor: Actor, remote: Path, copy: Path) -> None:
    made(actor, "Orders")
    before = git(remote, "rev-parse", "HEAD")
    with pytest.raises(CommandError) as told:
        sync(copy, "--dry-run")
    assert told.value.returncode == 3
    assert git(remote, "rev-parse", "HEAD") == before


def test_live_versions_are_published_and_a_draft_that_is_not_published_is_spared(
    actor: Actor, remote: Path, copy: Path
) -> None:
    orders = made(actor, "Orders")
    publish(actor, orders.pk)
    sync(copy, "--live")
    change_there(remote, "orders.yaml", "nodes.one.x + 1", "nodes.one.x + 30")
    change(actor, orders, "{{ nodes.one.x + 10 }}")
    with pytest.raises(CommandError, match="the draft of Orders holds changes that are not published"):
        sync(copy, "--live")
    assert value(orders) == "{{ nodes.one.x + 10 }}"
    change(actor, orders, "{{ nodes.one.x + 1 }}")
    sync(copy, "--live")
    assert "nodes.one.x + 30" in find_version(actor, orders.pk, 2).document


def test_what_waits_for_a_second_person_stays_in_the_repository_and_goes_back_if_it_is_rejected(
    actor: Actor, remote: Path, copy: Path
) -> None:
    orders = made(actor, "Orders")
    publish(actor, orders.pk)
    sync(copy, "--live")
    was = there(remote, "orders.yaml")
    change_environment(actor, "production", needs_second=True)
    change_there(remote, "orders.yaml", "x + 1", "x + 2")
    asked = there(remote, "orders.yaml")

    assert "Orders v2: it waits for a second person" in sync(copy, "--live")
    assert sync(copy, "--live") == "Both sides are the same.\n"
    assert there(remote, "orders.yaml") == asked
    assert live_number(actor, orders.pk, None) == 1

    (proposal,) = list_proposals(actor, orders.pk, open_only=True).rows
    reject(actor, orders.pk, proposal.pk)
    assert sync(copy, "--live").startswith("written   Orders")
    assert there(remote, "orders.yaml") == was


def test_a_new_flow_that_waits_for_a_second_person_keeps_its_file_and_may_be_changed_there(
    actor: Actor, remote: Path, copy: Path
) -> None:
    publish(actor, made(actor, "Orders").pk)
    sync(copy, "--live")
    change_environment(actor, "production", needs_second=True)
    elsewhere = clone(remote, "elsewhere")
    text = there(remote, "orders.yaml").replace("flow: Orders", "flow: Refunds")
    (elsewhere / "flows" / "refunds.yaml").write_text(text, encoding="utf-8")
    git(elsewhere, "add", ".")
    git(elsewhere, "commit", "--quiet", "--message", "refunds")
    git(elsewhere, "push", "--quiet")
    assert "Refunds v1: it waits" in sync(copy, "--live")
    change_there(remote, "refunds.yaml", "x + 1", "x + 2")
    assert "Refunds v2: it waits" in sync(copy, "--live")
    assert "x + 2" in there(remote, "refunds.yaml")

    refunds = Flow.objects.get(name="Refunds")
    (proposal,) = list_proposals(actor, refunds.pk, open_only=True).rows
    approve(actor, refunds.pk, proposal.pk)
    assert sync(copy, "--live") == "The flows are the same; the manifest was brought up to date.\n"


def test_a_working_copy_with_changes_of_its_own_is_left_alone(actor: Actor, copy: Path) -> None:
    made(actor, "Orders")
    (copy / "README").write_text("mine", encoding="utf-8")
    with pytest.raises(CommandError, match="changes that are not committed"):
        sync(copy)
    assert (copy / "README").read_text(encoding="utf-8") == "mine"


def test_a_push_that_is_refused_leaves_the_working_copy_as_it_was(actor: Actor, remote: Path, copy: Path) -> None:
    made(actor, "Orders")
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho this branch is protected >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    before = git(copy, "rev-parse", "HEAD")
    with pytest.raises(CommandError, match="this branch is protected"):
        sync(copy)
    assert git(copy, "rev-parse", "HEAD") == before
    assert not git(copy, "status", "--porcelain")
    hook.unlink()
    assert "1 flows were brought together." in sync(copy)


def test_a_folder_that_leads_out_of_the_repository_is_refused(actor: Actor, copy: Path, tmp_path: Path) -> None:
    made(actor, "Orders")
    outside = tmp_path / "outside"
    outside.mkdir()
    (copy / "flows").symlink_to(outside)
    git(copy, "add", ".")
    git(copy, "commit", "--quiet", "--message", "a link")
    git(copy, "push", "--quiet")
    with pytest.raises(CommandError, match="leads out of the repository"):
        sync(copy)
    with pytest.raises(CommandError, match="is no folder inside the repository"):
        sync(copy, "--folder", "../outside")
    assert list(outside.iterdir()) == []


def test_a_file_that_is_no_flow_is_named_and_nothing_is_done(actor: Actor, remote: Path, copy: Path) -> None:
    orders = made(actor, "Orders")
    sync(copy)
    change(actor, orders, "{{ nodes.one.x + 10 }}")
    change_there(remote, "orders.yaml", "flow: Orders", "- Orders")
    with pytest.raises(CommandError):
        sync(copy)
    assert value(orders) == "{{ nodes.one.x + 10 }}"


def test_what_is_no_repository_is_said_to_be_none(actor: Actor, tmp_path: Path) -> None:
    made(actor, "Orders")
    with pytest.raises(CommandError, match="not a git repository"):
        sync(tmp_path)
