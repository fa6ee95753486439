"""Making a tracker, and looking whether one is in good order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from issuelog.errors import IssuelogError, UsageError
from issuelog.merging import DRIVER
from issuelog.model.policy import Policy
from issuelog.store.layout import CONFIG, REPORTS
from issuelog.tracker import Tracker, preview
from issuelog.transaction import Plan, Snapshot, Transaction
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.repository import MIN_GIT, Repository

KNOWN_ERRORS = "known-errors"
ATTRIBUTES = "* -text -eol -filter -ident -working-tree-encoding -diff !merge\n*.yaml diff merge=issuelog\n"
"""Keeps LFS, line endings and encodings of the surrounding repository off the reports."""


@dataclass(frozen=True)
class Made:
    """What `init` wrote."""

    root: Path
    files: list[str]
    commit: str | None
    preview: str = ""


def init(folder: Path, prefix: str, say: Callable[[str], None], *, dry_run: bool = False) -> Made:
    """Make a tracker in a folder of a repository, as one commit. Raises UsageError where there is one already."""
    repository = Repository.around(folder)
    if (folder / CONFIG).exists():
        raise UsageError(f"there is a tracker here already ({CONFIG})", hint="issuelog doctor   looks after it")
    try:
        Policy(prefix=prefix)
    except ValueError:
        raise UsageError(f"--prefix is {prefix!r}; 1 to 8 capital letters and digits, a letter first") from None
    text = resources.files("issuelog").joinpath("data", "config.yaml").read_text(encoding="utf-8")
    files = {
        CONFIG: text.replace("prefix: CR", f"prefix: {prefix}", 1),
        f"{REPORTS}/.gitattributes": ATTRIBUTES,
        f"{KNOWN_ERRORS}/.gitattributes": ATTRIBUTES,
    }

    def decide(snapshot: Snapshot) -> Plan:
        wanted = {repository.relative(folder / path): text.encode() for path, text in files.items()}
        fresh = {path: content for path, content in wanted.items() if snapshot.content(path) != content}
        return Plan(fresh, CommitMessage(None, "init"), repository.identity)

    if dry_run:
        snapshot = Snapshot(repository, repository.objects.head())
        return Made(folder, list(files), None, preview(snapshot, decide(snapshot)))
    committed = Transaction(repository, say).run(decide)
    # Configuration is not cloned; `doctor` tells the others.
    repository.git.run("config", "merge.issuelog.name", "field by field merge of issuelog reports")
    repository.git.run("config", "merge.issuelog.driver", DRIVER)
    return Made(folder, list(files), committed.commit if committed else None)


@dataclass(frozen=True)
class Finding:
    """One thing that `doctor` looked at: `ok`, `warning` or `error`, and the command that mends it."""

    what: str
    level: str
    found: str
    command: str = ""


def diagnose(tracker: Tracker) -> list[Finding]:
    """Return what is in order and what is not."""
    return [
        finding
        for look in (_git, _identity, _policy, _attributes, _merge_driver, _hooks, _files)
        for finding in look(tracker)
    ]


def _git(tracker: Tracker) -> Iterator[Finding]:
    version = tracker.repository.version()
    spoken = ".".join(map(str, version))
    if version < MIN_GIT:
        yield Finding("git", "error", f"{spoken}; issuelog needs {'.'.join(map(str, MIN_GIT))}", "install a newer git")
    else:
        yield Finding("git", "ok", spoken)


def _identity(tracker: Tracker) -> Iterator[Finding]:
    try:
        yield Finding("identity", "ok", tracker.repository.identity)
    except IssuelogError as error:
        yield Finding("identity", "error", error.message, error.hint or "")


def _policy(tracker: Tracker) -> Iterator[Finding]:
    try:
        policy = tracker.policy
    except IssuelogError as error:
        yield Finding("policy", "error", error.message, f"correct {CONFIG}")
        return
    yield Finding("policy", "ok", f"prefix {policy.prefix}, {len(policy.people)} people")


def _attributes(tracker: Tracker) -> Iterator[Finding]:
    for folder in (REPORTS, KNOWN_ERRORS):
        path = tracker.layout.root / folder / ".gitattributes"
        present = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        lacking = [line for line in ATTRIBUTES.splitlines() if line not in present.splitlines()]
        if lacking:
            yield Finding(f"{folder}/.gitattributes", "error", "lacks: " + "; ".join(lacking), "add the lines, commit")
        else:
            yield Finding(f"{folder}/.gitattributes", "ok", "raw bytes for every file")


def _merge_driver(tracker: Tracker) -> Iterator[Finding]:
    if tracker.repository.settings.get("merge.issuelog.driver") == DRIVER:
        yield Finding("merge driver", "ok", "reports merge field by field")
    else:
        command = f'git config merge.issuelog.driver "{DRIVER}"'
        yield Finding("merge driver", "warning", "git merges reports line by line in this clone", command)


def _hooks(tracker: Tracker) -> Iterator[Finding]:
    if tracker.repository.says("issuelog.verify"):
        yield Finding("hooks", "ok", "pre-commit and commit-msg run on every change")
    else:
        yield Finding("hooks", "ok", "do not run on changes (git config issuelog.verify true lets them)")


def _files(tracker: Tracker) -> Iterator[Finding]:
    try:
        rows, problems = tracker.rows()
    except IssuelogError:
        yield Finding("reports", "warning", "not read: the policy comes first", "issuelog check")
        return
    if problems:
        yield Finding("reports", "error", f"{len(rows)} read, {len(problems)} problems", "issuelog check")
    else:
        yield Finding("reports", "ok", f"{len(rows)} read")
