"""Taking back the last change by a new commit; history is never rewritten."""

from __future__ import annotations

import re
from dataclasses import dataclass

from issuelog.errors import Conflict, Refused
from issuelog.model.identifier import is_report_id
from issuelog.model.step import Moment
from issuelog.snapshot import Plan, Snapshot
from issuelog.tracker import Tracker
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.repository import Repository

_FIELDS = "%H%x00%P%x00%(trailers:key=Issuelog-Report,valueonly)%x00%(trailers:key=Issuelog-Action,valueonly)%x00%s"
_FOREIGN_AT_MOST = 20
_VERB = re.compile(r"[a-z]{1,20}(-[a-z]{1,20})?", re.ASCII)


@dataclass(frozen=True)
class Undone:
    """What was taken back: the commit `undone` with its `summary`, by the new `commit` (None on a dry run).

    `redone` where it was an undo itself; `exists` tells whether the report is still there afterwards.
    """

    report: str
    undone: str
    summary: str
    commit: str | None
    preview: str | None
    redone: bool
    exists: bool


def undo_last(tracker: Tracker, report_id: str | None, moment: Moment, *, dry_run: bool = False) -> Undone:
    """Take back the last change of a report or a known error, or of all. Undoing an undo brings the change back.

    Raises Refused where there is nothing to undo, Conflict where a file was changed again since.
    """
    repository = tracker.repository
    seen: list[tuple[str, str, str, bool]] = []

    def decide(snapshot: Snapshot) -> Plan:
        commit, parent, report, action, subject = _last(tracker, snapshot, report_id)
        files: dict[str, bytes | None] = {}
        for path in repository.objects.differences(parent, commit):
            before, then = repository.objects.read([f"{parent}:{path}", f"{commit}:{path}"])
            if snapshot.content(path) != (then.content if then else None):
                raise Conflict(f"{path} was changed again after {subject!r}", hint=f"issuelog log {report}")
            files[path] = before.content if before else None
        redone = action == "undo"
        seen[:] = [(report, commit, subject, redone)]
        message = CommitMessage(
            report, "redo" if redone else f"undo {action}".strip(), extra=(("Issuelog-Undoes", commit),)
        )
        return Plan(files, message, moment.by)

    committed, preview = tracker.commit(decide, dry_run=dry_run)
    report, undone, subject, redone = seen[0]
    exists = tracker.layout.report(report).exists()
    return Undone(report, undone, subject, committed.commit if committed else None, preview, redone, exists)


def _last(tracker: Tracker, snapshot: Snapshot, report_id: str | None) -> tuple[str, str, str, str, str]:
    """Return commit, parent, report, first word of the action, and subject of the last change."""
    layout, repository = tracker.layout, tracker.repository
    known_error = layout.known_error(report_id) if report_id else layout.root
    path = repository.relative(layout.report(report_id) if report_id and not known_error.is_file() else known_error)
    for skipped in range(_FOREIGN_AT_MOST if snapshot.head.commit else 0):
        found = _commit_of_ours(repository, str(snapshot.head.commit), path, skipped)
        if found is None:
            break
        commit, parents, report, action, subject = found
        if not is_report_id(report):
            continue  # a person's commit that only speaks of one of ours
        if not parents:
            raise Refused(
                "what was there before the last change is not in this clone",
                hint="git fetch --unshallow   brings the whole history",
            )
        # The commit may be anybody's: what is no verb is not repeated in our message.
        verb = action.split(" ")[0]
        return commit, parents.split(" ")[0], report, verb if _VERB.fullmatch(verb) else "", subject
    raise Refused("there is nothing to undo", hint="issuelog log   shows the history")


def _commit_of_ours(repository: Repository, head: str, path: str, skipped: int) -> list[str] | None:
    """Return commit, parents, report, action and subject of the latest commit with our trailers, past some."""
    output = repository.git.run(
        "log",
        "-1",
        f"--skip={skipped}",
        "--no-merges",
        "--no-color",
        "--no-show-signature",
        "--encoding=UTF-8",
        "--basic-regexp",
        "--grep=^Issuelog-Action: ",
        f"--format={_FIELDS}",
        head,
        "--",
        *([] if path == "." else [path]),
    ).decode("utf-8", "replace")
    return [part.strip() for part in output.split("\0")] if output.strip() else None
