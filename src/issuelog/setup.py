"""Making a tracker, and looking whether one is in good order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path

from issuelog.errors import Conflict, GitRefused, IssuelogError, UsageError
from issuelog.merging import DRIVER, DRIVER_KEY, set_up_driver
from issuelog.model.misfits import misfits
from issuelog.model.policy import Policy
from issuelog.readiness import Finding, readiness
from issuelog.snapshot import Plan, Snapshot
from issuelog.store.files import read_regular
from issuelog.store.layout import ATTACHMENTS, CONFIG, KNOWN_ERRORS, MAX_BYTES, REPORTS
from issuelog.store.yamltext import dump
from issuelog.tracker import Tracker, preview
from issuelog.transaction import Transaction, exclusive
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.repository import MIN_GIT, Repository

_RAW = "* -text -eol -filter -ident -working-tree-encoding"
_OF_REPORTS = f"{_RAW} -diff !merge\n*.yaml diff merge=issuelog\n"
ATTRIBUTES = {
    REPORTS: _OF_REPORTS,
    KNOWN_ERRORS: _OF_REPORTS,
    ATTACHMENTS: f"{_RAW} -diff !merge\n",
    Path(CONFIG).parent.name: f"{_RAW}\n",
}
"""By folder: what keeps LFS, line endings and encodings of the surrounding repository off our files."""


@dataclass(frozen=True)
class Made:
    """What `init` wrote."""

    root: Path
    files: list[str]
    commit: str | None
    preview: str = ""


def init(
    folder: Path,
    prefix: str,
    say: Callable[[str], None],
    *,
    calendar: Mapping[str, str | None] | None = None,
    dry_run: bool = False,
) -> Made:
    """Make a tracker in a folder of a repository, as one commit. Raises UsageError where there is one already.

    `calendar` has what the policy is to say of the business hours: `timezone`, `country`, `region`.
    """
    repository = Repository.around(folder)
    if (folder / CONFIG).exists():
        raise UsageError(f"there is a tracker here already ({CONFIG})", hint="issuelog doctor   looks after it")
    try:
        Policy(prefix=prefix)
    except ValueError:
        raise UsageError(f"--prefix is {prefix!r}; 1 to 8 capital letters and digits, a letter first") from None
    said = {key: value for key, value in (calendar or {}).items() if value}
    for place, words in misfits({"calendars": {"business": said}}):
        raise UsageError(f"--{place[-1]} {words}")
    files = {
        CONFIG: _policy_text(prefix, said),
        **{f"{folder}/.gitattributes": lines for folder, lines in ATTRIBUTES.items()},
    }

    def decide(snapshot: Snapshot) -> Plan:
        wanted = {repository.relative(folder / path): text.encode() for path, text in files.items()}
        fresh = {path: content for path, content in wanted.items() if snapshot.content(path) != content}
        return Plan(fresh, CommitMessage(None, "init"), repository.identity)

    if dry_run:
        snapshot = Snapshot(repository, repository.objects.head())
        return Made(folder, list(files), None, preview(snapshot, decide(snapshot)))
    committed = Transaction(repository, say).run(decide)
    set_up_driver(repository)
    return Made(folder, list(files), committed.commit if committed else None)


def _policy_text(prefix: str, calendar: Mapping[str, str]) -> str:
    """Return the policy file in which only what was decided is no comment."""
    text = resources.files("issuelog").joinpath("data", "config.yaml").read_text(encoding="utf-8")
    decided = {"prefix": prefix}
    if calendar:
        decided |= {"calendars": "", "  business": "", **{f"    {key}": value for key, value in calendar.items()}}
    for key, value in decided.items():
        before, _, after = re.split(rf"^((?:# )?{key}:.*)$", text, maxsplit=1, flags=re.MULTILINE)
        said = dump({"key": value}).removeprefix("key:").rstrip("\n") if value else ""
        text = f"{before}{key}:{said}{after}"
    return text


def diagnose(tracker: Tracker, at: datetime, environment: Mapping[str, str]) -> list[Finding]:
    """Return what is in order and what is not, and what is missing before a team can rely on it."""
    looks = (_git, _index, _identity, _policy, _attributes, _merge_driver, _hooks, _files)
    return [*(finding for look in looks for finding in look(tracker)), *readiness(tracker, at, environment)]


def mend(tracker: Tracker) -> list[str]:
    """Mend what can be mended without a decision, and return in words what was."""
    repository, mended = tracker.repository, []
    with exclusive(repository, tracker.say):
        if repository.settings.get(DRIVER_KEY) != DRIVER:
            set_up_driver(repository)
            mended.append("told git of the merge driver")
        repository.refuse_if_busy()
        behind = Snapshot(repository, repository.objects.head()).behind()
        if behind:
            repository.git.run("restore", "--staged", "--", *behind)
            mended.append(f"brought git's index up to HEAD in {', '.join(behind)}")
    return mended


def _index(tracker: Tracker) -> Iterator[Finding]:
    try:
        behind = Snapshot(tracker.repository, tracker.repository.objects.head()).behind()
    except GitRefused:
        return  # told as git's
    if behind:
        words = f"behind in {', '.join(behind)}: the next git commit would revert it"
        yield Finding("git's index", "error", words, "issuelog doctor --fix")


def _git(tracker: Tracker) -> Iterator[Finding]:
    version = tracker.repository.version()
    spoken = ".".join(map(str, version))
    if version < MIN_GIT:
        yield Finding("git", "error", f"{spoken}; issuelog needs {'.'.join(map(str, MIN_GIT))}", "install a newer git")
        return
    try:
        tracker.repository.git.run("rev-parse", "--git-dir")  # which git answers where it takes the folder for safe
        tracker.repository.objects.head()
    except GitRefused as error:
        yield Finding("git", "error", error.message, error.hint or "")
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
    file = tracker.in_repository(CONFIG)
    if tracker.repository.unfiltered.attempt("status", "--porcelain", "-uall", "--", file).stdout:
        words = f"{CONFIG} has changes that are not committed: no other clone has them"
        yield Finding("policy's file", "warning", words, f"git commit -m policy -- {CONFIG}")


def _attributes(tracker: Tracker) -> Iterator[Finding]:
    for folder, wanted in ATTRIBUTES.items():
        try:
            content = read_regular(tracker.layout.root / folder / ".gitattributes", MAX_BYTES) or b""
        except Conflict as error:
            yield Finding(f"{folder}/.gitattributes", "error", error.message, "put the file itself there")
            continue
        present = content.decode("utf-8", "replace")
        lacking = [line for line in wanted.splitlines() if line not in present.splitlines()]
        if lacking:
            yield Finding(f"{folder}/.gitattributes", "error", "lacks: " + "; ".join(lacking), "add the lines, commit")
        else:
            yield Finding(f"{folder}/.gitattributes", "ok", "raw bytes for every file")


def _merge_driver(tracker: Tracker) -> Iterator[Finding]:
    if tracker.repository.settings.get(DRIVER_KEY) == DRIVER:
        yield Finding("merge driver", "ok", "reports merge field by field")
    else:
        words = "git merges reports line by line in this clone"
        yield Finding("merge driver", "warning", words, "issuelog doctor --fix")


def _hooks(tracker: Tracker) -> Iterator[Finding]:
    if tracker.repository.says("issuelog.verify"):
        yield Finding("hooks", "ok", "pre-commit and commit-msg run on every change")
    else:
        yield Finding("hooks", "ok", "do not run on changes (git config issuelog.verify true lets them)")


def _files(tracker: Tracker) -> Iterator[Finding]:
    try:
        (count,), problems = tracker.ask(lambda index: index.execute("SELECT count(*) FROM report").fetchone())
    except IssuelogError:
        yield Finding("reports", "warning", "not read: the policy comes first", "issuelog check")
        return
    if problems:
        yield Finding("reports", "error", f"{count} read, {len(problems)} problems", "issuelog check")
    else:
        yield Finding("reports", "ok", f"{count} read")
