"""The commit-msg hook of the product's repository: where it lies, and what it finds wrong in a message."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from issuelog.errors import Conflict, ExitCode, IssuelogError, NotFound
from issuelog.model.identifier import is_report_id, normalise
from issuelog.store.files import read_regular, remove_durably, write_durably
from issuelog.store.layout import Layout
from issuelog.vcs.git import words_of
from issuelog.vcs.locate import locate
from issuelog.vcs.message import ACTION, REPORT
from issuelog.vcs.product import word
from issuelog.vcs.repository import Repository

NAME = "commit-msg"
MARK = "# issuelog:commit-msg"
"""By this line a hook is ours."""
MAX_MESSAGE = 1_000_000
"""A longer message is nobody's typing."""
_MAX_HOOK = 100_000
_SHOWN = 3
_NEAR = 0.75
# Git cuts what follows off, as it does with the lines of comments that it has put there itself.
_SCISSORS = re.compile(r"^\S{1,8} -{24} >8 -{24}$", re.MULTILINE)
_TRAILER = re.compile(rf"^{REPORT}:(.*)$", re.MULTILINE | re.IGNORECASE)
_OWN = re.compile(rf"^{ACTION}:", re.MULTILINE | re.IGNORECASE)
_LAST = "-[0-9]{6}-[0-9A-Z]{4}"
_ANY_ID = word(f"[A-Z][A-Z0-9]{{0,7}}{_LAST}")
_HOOK = """\
#!/bin/sh
{mark} (issuelog hooks uninstall   removes this file)
# A message that names no report of the tracker is refused. Where that cannot be found out, nothing is in the way.
{line}
case $? in
0) exit 0 ;;
{refused}) exit 1 ;;
esac
echo "issuelog: the ids in this message were not checked" >&2
exit 0
"""


@dataclass(frozen=True)
class Hook:
    """The place of the hook in a repository, and what is or would be there."""

    repository: Repository
    path: Path
    wanted: str
    line: str
    """What calls us, for a hook that somebody else wrote."""
    shared: str | None = None
    """Where it is configured that this folder of hooks is not the repository's own."""

    @property
    def is_for_everybody(self) -> bool:
        """Whether it lies among the files of the product, as with tools that keep hooks there to be committed."""
        place = self.repository.place
        inside = (self.repository.top, place.git_dir, place.common_dir)
        top, *git = (self.path.resolve().is_relative_to(folder.resolve()) for folder in inside)
        return top and not any(git)

    @property
    def state(self) -> str:
        """What lies there: `absent`, `installed`, `outdated` (ours, of another tracker or version), or `foreign`."""
        if not os.path.lexists(self.path):
            return "absent"
        try:
            found = (read_regular(self.path, _MAX_HOOK) or b"").decode("utf-8", "replace")
        except Conflict:
            return "foreign"
        if not any(line.startswith(MARK) for line in found.splitlines()[:3]):
            return "foreign"
        return "installed" if found == self.wanted and os.access(self.path, os.X_OK) else "outdated"

    def install(self) -> None:
        """Write it; raises Conflict where a hook is there that is not ours, and is never touched."""
        if self.state == "foreign":
            raise Conflict(
                f"{self.path} is there already, and is not issuelog's; it was left as it is",
                hint=f"add this line to it: {self.line} || [ $? -ne {int(ExitCode.NOT_FOUND)} ] || exit 1",
            )
        write_durably(self.path, self.wanted.encode())
        os.chmod(self.path, stat.S_IMODE(self.path.stat().st_mode) | 0o111)  # noqa: PTH101, S103 - hooks are run

    def uninstall(self) -> bool:
        """Remove it where it is ours, and return whether it was."""
        if self.state not in {"installed", "outdated"}:
            return False
        remove_durably(self.path)
        return True


def hook_of(repository: Repository, tracker: Layout) -> Hook:
    """Return the hook of a repository that asks this tracker. Raises GitRefused, Conflict."""
    # With the user's own hooks in view, which every other call of git has switched off; none runs here.
    asked = repository.git.attempt("rev-parse", "--path-format=absolute", "--git-path", "hooks", hooks=True)
    if asked.returncode:
        raise Conflict(f"git does not say where hooks lie: {words_of(asked, 'rev-parse')}")
    folder = Path(os.fsdecode(asked.stdout.rstrip(b"\n")))
    if os.path.lexists(folder) and not folder.is_dir():
        raise Conflict(f"{folder} is no folder; git is told by core.hooksPath to look for hooks there")
    line = f'{_command(repository, tracker)} hooks check "$1"'
    wanted = _HOOK.format(mark=MARK, line=line, refused=int(ExitCode.NOT_FOUND))
    return Hook(repository, folder / NAME, wanted, line, _shared(repository))


def _command(repository: Repository, tracker: Layout) -> str:
    """Return what starts issuelog in the tracker; hooks run at the top of the work tree, which may be a linked one."""
    here = locate(tracker.root)
    if here and here.common_dir.resolve() == repository.place.common_dir.resolve():
        folder = tracker.root.relative_to(here.top).as_posix()
    else:
        folder = str(tracker.root)
    return "issuelog" if folder == "." else f"issuelog -C {shlex.quote(folder)}"


def _shared(repository: Repository) -> str | None:
    """Return the scope in which hooks were given a folder for several repositories; None where it is this one's."""
    said = repository.git.attempt("config", "--show-scope", "--get", "core.hooksPath", hooks=True)
    scope = said.stdout.decode("utf-8", "replace").partition("\t")[0]
    return scope if scope in {"global", "system"} else None


def speaks_of_reports(message: str) -> bool:
    """Whether a message has a trailer of ours, or a word that may be an id of any tracker's."""
    return bool(_TRAILER.search(message) or _ANY_ID.search(message))


def unknown(tracker: Layout, prefix: str, message: str, here: Path) -> list[str]:
    """Return the words of a commit's message that mean a report and name none, each once.

    None in a merge, which only tells what branches are called, nor in what issuelog itself commits.
    """
    text = cleaned(message, here)
    if _OWN.search(text) or _is_merge(here):
        return []
    return [one for one in dict.fromkeys(_named(text, prefix)) if not _has(tracker, normalise(one))]


def _has(tracker: Layout, report_id: str) -> bool:
    return is_report_id(report_id) and tracker.report(report_id).exists()


def cleaned(message: str, here: Path) -> str:
    """Return a message without what git will cut off: comments, and all that follows the scissors."""
    from issuelog.vcs.git import Git

    scissors = _SCISSORS.search(message)
    text = message[: scissors.start()] if scissors else message
    return Git(here).run("stripspace", "--strip-comments", stdin=text.encode()).decode("utf-8", "replace")


def refuse(tracker: Layout, words: Sequence[str]) -> None:
    """Raise NotFound for words that name no report, with the nearest that there are."""
    ids = tracker.ids()
    found = [_said(one, _nearest(one, ids)) for one in words]
    raise NotFound("; ".join(found), hint="git commit --no-verify   commits it as it is")


def _named(text: str, prefix: str) -> Iterator[str]:
    for trailer in _TRAILER.findall(text):
        yield from re.split(r"[\s,;]+", trailer.strip()) if trailer.strip() else ()
    yield from (found.upper() for found in word(re.escape(prefix) + _LAST).findall(text))


def _nearest(named: str, ids: Sequence[str]) -> list[str]:
    """Return the ids that may have been meant: those that have it in them, else those that are spelled much like it."""
    wanted = normalise(named)
    having = [one for one in ids if wanted in one][-_SHOWN:] if wanted.strip("-") else []
    same_end = [one for one in ids if one[-4:] == wanted[-4:]][-_SHOWN:]
    return having or same_end or difflib.get_close_matches(wanted, ids[::-1], _SHOWN, _NEAR)


def _said(named: str, near: Sequence[str]) -> str:
    shown = named if len(named) <= 40 else f"{named[:40]}…"
    nearest = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"{shown!r} in the message names no report{nearest}"


def _is_merge(here: Path) -> bool:
    try:
        place = locate(here)
    except IssuelogError:
        return False
    return place is not None and (place.git_dir / "MERGE_HEAD").exists()
