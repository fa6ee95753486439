"""File systems of a test's own: full, read-only, or on an image whose power fails."""

from __future__ import annotations

import ctypes
import os
import subprocess
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

_NEW_MOUNTS = 0x20000
_NEW_USERS = 0x10000000
_PASSED, _SKIPPED, _FAILED = range(3)


class NotAllowed(Exception):
    """The machine does not let us mount this."""


def in_own_mounts(work: Callable[[], None], told: Path) -> None:
    """Do something in a child whose mounts nobody else sees and which end with it; skips where that is not allowed.

    `told` is a file for what the child has to say.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner: the child uses none
        child = os.fork()
    if not child:
        code = _FAILED
        try:
            code = _in_child(work, told)
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    said = told.read_text() if told.exists() else ""
    if code == _SKIPPED:
        pytest.skip(said)
    assert code == _PASSED, said


def _in_child(work: Callable[[], None], told: Path) -> int:
    try:
        _leave_the_others_mounts()
        work()
    except NotAllowed as reason:
        told.write_text(f"no file system of its own: {reason}")
        return _SKIPPED
    except BaseException:
        told.write_text(traceback.format_exc())
        return _FAILED
    return _PASSED


def _leave_the_others_mounts() -> None:
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        raise NotAllowed("this system has no unshare")
    if libc.unshare(_NEW_MOUNTS):
        if libc.unshare(_NEW_MOUNTS | _NEW_USERS):
            raise NotAllowed(f"unshare: {os.strerror(ctypes.get_errno())}")
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            Path(f"/proc/self/{name}").write_text(text)
    mount("--make-rprivate", "/")


def mount(*arguments: str | Path) -> None:
    """Mount something; raises NotAllowed with the reason."""
    _run("mount", *arguments)


def make_read_only(folder: Path) -> None:
    """Let nothing below a folder be written until `unmount`."""
    mount("--bind", folder, folder)
    mount("-o", "remount,bind,ro", folder)


def unmount(folder: Path) -> None:
    _run("umount", folder)


def _run(*words: str | Path) -> None:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotAllowed(f"there is no {words[0]}") from None
    if done.returncode:
        raise NotAllowed(done.stderr.strip())
