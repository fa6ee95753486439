"""The one way issuelog runs git: argument lists, a scrubbed environment, errors in git's own words."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from issuelog.errors import GitRefused

# A hook, an alias or an outer git sets these; each would send our writes somewhere else.
_SCRUBBED = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_EXTERNAL_DIFF",
        "GIT_REFLOG_ACTION",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
    }
)
_CONFIG_PREFIX = "GIT_CONFIG_"
_KEPT_CONFIG = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"})
_FIXED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
# No hook and no monitor of a repository runs by our doing (Git.hook is the one way that the user can ask for), and
# what git has said to be written is on the disk.
_OPTIONS = (
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsync=objects,reference,index",
    "-c",
    "core.fsyncMethod=fsync",
    "-c",
    "i18n.commitEncoding=UTF-8",
)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment that git runs in."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _SCRUBBED and (not name.startswith(_CONFIG_PREFIX) or name in _KEPT_CONFIG)
    }
    return kept | _FIXED | dict(extra or {})


class Git:
    """Git, run in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = _OPTIONS,
    ) -> bytes:
        """Run git and return its output; raises GitRefused with git's words where it fails."""
        done = self.attempt(*arguments, stdin=stdin, env=env, options=options)
        if done.returncode:
            raise GitRefused(_words(done, arguments[0]))
        return done.stdout

    def attempt(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = _OPTIONS,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git and return what came of it, also where it failed."""
        command = ["git", "-C", str(self.folder), *options, *arguments]
        try:
            return subprocess.run(command, input=stdin, capture_output=True, env=environment(env), check=False)
        except FileNotFoundError:
            raise GitRefused("git is not installed, or not on the PATH", hint="install git 2.38 or newer") from None

    def line(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Run git and return its one line of output."""
        return self.run(*arguments, env=env).decode("utf-8", "surrogateescape").rstrip("\n")

    def hook(self, name: str, *arguments: str, env: Mapping[str, str]) -> None:
        """Run one of the user's hooks as `git commit` would; raises GitRefused with its words."""
        done = self.attempt("hook", "run", "--ignore-missing", name, "--", *arguments, env=env, options=())
        if done.returncode:
            said = (done.stderr + done.stdout).decode("utf-8", "replace").strip()
            raise GitRefused(
                f"the {name} hook refused: {said or 'it said nothing'}",
                hint="git config issuelog.verify false   stops running hooks",
            )


def _words(done: subprocess.CompletedProcess[bytes], command: str) -> str:
    said = done.stderr.decode("utf-8", "replace").strip()
    return said.removeprefix("fatal: ").removeprefix("error: ") or f"git {command} failed ({done.returncode})"
