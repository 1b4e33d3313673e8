"""A working copy of git, driven by the git that is installed: its files, the state both sides last agreed on, commits.

What the files mean is not known here. Nothing is merged: a working copy that isn't clean or isn't up to date with its
remote is refused by name.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flows.dsl.files import is_flow_file
from flows.errors import BadInput
from flows.management.folders import write_folder

SECONDS: Final = 120.0
_AUTHOR: Final = ("-c", "user.name=Mulgil", "-c", "user.email=mulgil@localhost")


class GitRefused(BadInput):
    """git {verb} failed: {reason}"""

    code = "git_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """`root` is the working copy, `folder` the one of the flows in it, `agreed` the ref of what both sides agreed on."""

    root: Path
    folder: str
    agreed: str

    def bring_up_to_date(self) -> None:
        """Take what the remote has, where there is one. Raises GitRefused where that isn't simply newer."""
        if self._git("rev-parse", "--is-inside-work-tree").strip() != "true":
            raise BadInput(reason=f"{self.root} is no working copy of git")
        if self._git("status", "--porcelain"):
            raise BadInput(reason=f"{self.root} has changes that are not committed; commit or drop them first")
        if self._upstream() is not None:
            self._git("fetch", "--quiet")
            self._git("merge", "--quiet", "--ff-only", "@{upstream}")

    def files(self) -> dict[str, bytes]:
        """The flow files as they are committed, by name."""
        return self._files_at("HEAD") if self._has("HEAD") else {}

    def holds(self, texts: Mapping[str, str]) -> bool:
        """Whether these and no others are its flow files: nothing is left to be committed."""
        return self.files() == {name: text.encode() for name, text in texts.items()}

    def agreed_files(self) -> dict[str, bytes]:
        """The flow files as they were when both sides last agreed; none before the first time."""
        return self._files_at(self.agreed) if self._has(self.agreed) else {}

    def commit(self, texts: Mapping[str, str], removed: Sequence[str], message: str) -> bool:
        """Write and remove files, commit and push them; whether there was anything to commit.

        Where the remote refuses the push, the working copy is as it was before, and GitRefused says why.
        """
        before = self._git("rev-parse", "HEAD").strip() if self._has("HEAD") else None
        folder = self.root / self.folder
        if folder.resolve() != self.root.resolve() / self.folder:
            raise BadInput(reason=f"{folder} leads out of the repository by a symbolic link, which is not followed")
        write_folder(folder, texts)
        for name in removed:
            (folder / name).unlink(missing_ok=True)
        self._git("add", "--all", "--", self.folder)
        if not self._git("status", "--porcelain"):
            return False
        self._git(*_AUTHOR, "commit", "--quiet", "--message", message)
        if self._upstream() is not None:
            try:
                self._git("push", "--quiet")
            except GitRefused:
                if before is not None:
                    self._git("reset", "--quiet", "--hard", before)
                raise
        return True

    def agree(self) -> None:
        """From now on, what is committed is what both sides agreed on."""
        self._git("update-ref", self.agreed, "HEAD")

    def _files_at(self, commit: str) -> dict[str, bytes]:
        names = self._git("ls-tree", "-z", "--name-only", f"{commit}:{self.folder}", missing="").split("\0")
        return {name: self._read(f"{commit}:{self.folder}/{name}") for name in names if name and is_flow_file(name)}

    def _upstream(self) -> str | None:
        return self._git("rev-parse", "--abbrev-ref", "@{upstream}", missing="").strip() or None

    def _has(self, commit: str) -> bool:
        return bool(self._git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}", missing=""))

    def _git(self, *words: str, missing: str | None = None) -> str:
        """What git prints; `missing` instead where it says that there is no such thing."""
        done = self._run(words)
        if done.returncode and missing is not None:
            return missing
        if done.returncode:
            verb = next(word for word in words if not word.startswith("-") and "=" not in word)
            raise GitRefused(verb=verb, reason=done.stderr.decode(errors="replace").strip() or "it says nothing")
        return done.stdout.decode(errors="replace")

    def _read(self, name: str) -> bytes:
        return self._run(("cat-file", "blob", name)).stdout

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ("git", "-C", str(self.root), *words),
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env={**_surroundings(), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            )
        except FileNotFoundError:
            raise BadInput(reason="git is not installed, or not on the PATH") from None
        except subprocess.TimeoutExpired:
            raise GitRefused(verb=words[0], reason=f"no answer within {SECONDS:.0f} s") from None


def _surroundings() -> dict[str, str]:
    """Ours without what would point git to another repository, as it does inside a hook."""
    elsewhere = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}
    return {name: value for name, value in os.environ.items() if name not in elsewhere}
