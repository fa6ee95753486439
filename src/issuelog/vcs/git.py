"""The one way issuelog runs git: argument lists, a scrubbed environment, errors in git's own words."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from issuelog.errors import GitRefused

# A hook, an alias or an outer git sets these; each would send our writes, or what we read, somewhere else.
_SCRUBBED = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_SHALLOW_FILE",
        "GIT_GRAFT_FILE",
        "GIT_REPLACE_REF_BASE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_ATTR_SOURCE",
        "GIT_EXTERNAL_DIFF",
        "GIT_REFLOG_ACTION",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
    }
)
_CONFIG_PREFIX = "GIT_CONFIG"
_KEPT_CONFIG = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"})
_FIXED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
# What git has said to be written is on the disk; no monitor of a repository runs by our doing.
_OPTIONS = (
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.fsync=objects,reference,index",
    "-c",
    "core.fsyncMethod=fsync",
    "-c",
    "i18n.commitEncoding=UTF-8",
)
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")


def scrubbed() -> dict[str, str]:
    """Return the user's environment without what would point git elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _SCRUBBED and (not name.startswith(_CONFIG_PREFIX) or name in _KEPT_CONFIG)
    }


@contextmanager
def scrubbed_process() -> Iterator[None]:
    """Let this process itself have the scrubbed environment, for a library that hands on what it finds."""
    dropped = {name: os.environ[name] for name in os.environ.keys() - scrubbed().keys()}
    try:
        for name in dropped:
            del os.environ[name]
        yield
    finally:
        os.environ.update(dropped)


class Git:
    """Git, run in one folder; `settings` (`key=value`) hold over the user's own."""

    def __init__(self, folder: Path, settings: Sequence[str] = ()) -> None:
        self.folder = folder
        self._settings = [word for setting in settings for word in ("-c", setting)]

    def run(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Run git and return its output; raises GitRefused with git's words where it fails."""
        done = self.attempt(*arguments, stdin=stdin, env=env)
        if done.returncode:
            raise GitRefused(words_of(done, arguments[0]))
        return done.stdout

    def attempt(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        hooks: bool = False,
        keep: Sequence[int] = (),
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git and return what came of it, also where it failed.

        No hook runs unless `hooks` are wanted; the descriptors to `keep` stay open as long as it runs.
        """
        options = (*_OPTIONS, *self._settings) if hooks else (*_OPTIONS, *_NO_HOOKS, *self._settings)
        return self._start([*options, *arguments], scrubbed() | _FIXED | dict(env or {}), stdin, keep)

    def feed(self, *arguments: str, chunks: Iterable[bytes], env: Mapping[str, str]) -> None:
        """Run git on more input than memory would hold; raises GitRefused with git's words where it fails.

        Where the chunks do not come to their end git is killed.
        """
        command = ["git", "-C", str(self.folder), *_OPTIONS, *_NO_HOOKS, *self._settings, *arguments]
        with tempfile.TemporaryFile() as said:
            with subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=scrubbed() | _FIXED | dict(env),
            ) as running:
                assert running.stdin
                try:
                    running.stdin.writelines(chunks)
                except BrokenPipeError:
                    pass  # it died, and says why
                except BaseException:
                    running.kill()  # before its input ends, which it would take for all that there is
                    raise
                finally:
                    with suppress(BrokenPipeError):
                        running.stdin.close()
            if running.returncode == -signal.SIGINT:  # it was meant for us as well
                raise KeyboardInterrupt
            if running.returncode:
                said.seek(0)
                raise GitRefused(_words(said.read(), arguments[0], running.returncode))

    def line(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Run git and return its one line of output."""
        return self.run(*arguments, env=env).decode("utf-8", "surrogateescape").rstrip("\n")

    def hook(self, name: str, *arguments: str, env: Mapping[str, str]) -> None:
        """Run one of the user's hooks as `git commit` would; raises GitRefused with its words."""
        # In the user's own environment: a hook may name paths by patterns, and speak the user's language.
        done = self._start(["hook", "run", "--ignore-missing", name, "--", *arguments], scrubbed() | dict(env), b"")
        if done.returncode:
            said = (done.stderr + done.stdout).decode("utf-8", "replace").strip()
            raise GitRefused(
                f"the {name} hook refused: {said or 'it said nothing'}",
                hint="git config issuelog.verify false   stops running hooks",
            )

    def _start(
        self, arguments: Sequence[str], env: Mapping[str, str], stdin: bytes, keep: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        command = ["git", "-C", str(self.folder), *arguments]
        try:
            return subprocess.run(command, input=stdin, capture_output=True, env=env, check=False, pass_fds=keep)
        except FileNotFoundError:
            raise GitRefused("git is not installed, or not on the PATH", hint="install git 2.38 or newer") from None


def words_of(done: subprocess.CompletedProcess[bytes], command: str) -> str:
    """Return what git said when it failed."""
    return _words(done.stderr, command, done.returncode)


def _words(stderr: bytes, command: str, code: int) -> str:
    said = stderr.decode("utf-8", "replace").strip()
    return said.removeprefix("fatal: ").removeprefix("error: ") or f"git {command} failed ({code})"
