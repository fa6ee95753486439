"""What `fix`, `resolve` and `log` share of the product's repository: a fix's commits, and those that name a report.

Where only something beside the answer depends on it, that repository is no reason to fail: a warning says why.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from issuelog.cli.results import Changes
from issuelog.cli.session import Session
from issuelog.errors import IssuelogError, NotFound

if TYPE_CHECKING:
    from issuelog.model.report import Report
    from issuelog.tracker import Change
    from issuelog.vcs.commits import Concerning
    from issuelog.vcs.product import Naming, Product

_GIT = "git:"
_SHORT = 10
_WHOLE = 40
"""An id of fewer characters was not looked up."""
_IDS = frozenset({40, 64})
_SUGGESTED = 3


def product(session: Session) -> Product:
    """Return the product's repository: the one that the user's settings name, else the one around the tracker."""
    from issuelog.cli.experimenting import product as revisions
    from issuelog.vcs.product import Product

    return Product(revisions(session))


def is_there(session: Session, found: Product) -> bool:
    """Whether it holds a product at all, and not the tracker alone."""
    from issuelog.store.layout import ATTACHMENTS, KNOWN_ERRORS, REPORTS

    named = session.user.user.product_repo is not None
    return named or found.is_more_than(session.tracker.layout.root, (REPORTS, ATTACHMENTS, KNOWN_ERRORS))


def checked(session: Session, refs: Sequence[str]) -> list[str]:
    """Return references with the ids of commits in full.

    Raises NotFound for a commit that the product does not have; where there is no product, it is a warning.
    """
    return [_checked(session, named) if (named := _meant(ref)).startswith(_GIT) else ref for ref in refs]


def _meant(ref: str) -> str:
    """Return what a reference means: the id of a commit in full can mean nothing else."""
    from issuelog.vcs.product import is_commit_id

    return _GIT + ref if len(ref) in _IDS and is_commit_id(ref) else ref


def _checked(session: Session, ref: str) -> str:
    from issuelog.vcs.product import NoCommit

    found = product(session)
    try:
        return _GIT + found.commit(ref.removeprefix(_GIT)).sha
    except NoCommit as error:
        where = session.user.path
        if is_there(session, found):
            raise NotFound(
                error.message,
                hint=f"git -C {shlex.quote(str(found.top))} fetch --all   if it is elsewhere; "
                f"where the product has another repository: product_repo: PATH in {where}",
            ) from None
        session.output.warn(
            f"{ref} is not checked: {found.top} holds the tracker alone; "
            f"product_repo: PATH in {where} names the product's repository"
        )
        return ref


def naming(session: Session, report: str, others: Sequence[str] = ()) -> list[Naming]:
    """Return the product's commits that name a report, the newest first; a warning where they cannot be known."""
    try:
        found = product(session)
        return found.naming([report, *others]) if is_there(session, found) else []
    except IssuelogError as error:
        session.output.warn(f"the product's commits are not known: {error.message}")
        return []


def concerning(session: Session, report: Report) -> list[Concerning]:
    """Return the product's commits that a report names and those that name it; a warning where they cannot be known."""
    from issuelog.vcs import commits

    try:
        found = product(session)
        return commits.concerning(found, report) if is_there(session, found) else []
    except IssuelogError as error:
        session.output.warn(f"the product's commits are not known: {error.message}")
        return []


def release_tag(session: Session, refs: Sequence[str]) -> str | None:
    """Return the tag of the first release that has all commits of a fix; None where none is known to."""
    return _last(_tags(session, refs))


def _tags(session: Session, refs: Sequence[str]) -> dict[str, str | None]:
    """Return the commits among some references, each with the tag of the first release that has it."""
    shas = commits_of(refs)
    if not shas:
        return {}
    try:
        revisions = product(session).revisions
        return {sha: revisions.first_tag(sha) for sha in shas}
    except IssuelogError as error:
        session.output.warn(f"the product's tags are not known: {error.message}")
        return dict.fromkeys(shas)


def _warn_of_version(session: Session, report: Report) -> None:
    """Say where the tag of the version that is said to have the fix does not have it."""
    version, shas = report.fix.fixed_in, commits_of(report.fix.refs)
    if not (version and shas):
        return
    try:
        revisions = product(session).revisions
    except IssuelogError:  # told where the tags were looked up
        return
    tag = revisions.tagged(version)
    for sha in shas:
        if tag is None or not revisions.knows(sha) or revisions.has(tag.sha, sha):
            continue
        first = revisions.first_tag(sha)
        where = f"the first tag that has it is {first}" if first else "no tag of a release has it yet"
        session.output.warn(f"{version} does not have {sha[:_SHORT]}: {where}")


def _last(tags: Mapping[str, str | None]) -> str | None:
    from issuelog.model.versions import version_key

    known = [tag for tag in tags.values() if tag]
    return max(known, key=version_key) if known and len(known) == len(tags) else None


def commits_of(refs: Sequence[str]) -> list[str]:
    """Return the ids of the commits that a fix refers to, as they are recorded."""
    from issuelog.vcs.product import is_commit_id

    named = [ref.removeprefix(_GIT) for ref in refs if ref.startswith(_GIT)]
    return [one for one in named if is_commit_id(one)]


@dataclass
class Fixed(Changes):
    """The change of a fix, with the tag that carries it and the commits that could be named."""

    tags: dict[str, Mapping[str, str | None]] = field(default_factory=dict)
    """By report the commits of its fix, each with its tag."""
    suggested: dict[str, Sequence[Naming]] = field(default_factory=dict)
    told: bool = False
    """Whether commits were named just now, so that it is of interest that no release has them."""

    @classmethod
    def of(cls, session: Session, done: Changes, *, named: bool) -> Fixed:
        """Return a change with what the product's repository has to say of it."""
        found = cls(**vars(done), told=named)
        for change in done.changes:
            report = change.report
            found.tags[report.id] = _tags(session, report.fix.refs)
            _warn_of_version(session, report)
            if not (named or done.many):  # it takes a walk through the history
                known = set(commits_of(report.fix.refs))
                new = [one for one in naming(session, report.id, report.also_known_as) if one.sha not in known]
                found.suggested[report.id] = new
        return found

    @property
    def data(self) -> Any:
        """The change, with `tag` and `suggested`."""
        items = super().data if self.many else [super().data]
        for item in items:
            item["tag"] = _last(self.tags[item["id"]])
            item["suggested"] = [one.data() for one in self.suggested.get(item["id"], ())]
        return items if self.many else items[0]

    def hints(self) -> Iterator[str]:
        """Yield which tag has it and which commits it may be, then what a change says."""
        if not self.many:
            for change in self.changes:
                yield from self._carried(change.report)
                yield from self._could_be(change.report)
        yield from super().hints()

    def _carried(self, report: Report) -> Iterator[str]:
        from issuelog.vcs.revisions import version_of

        tags = self.tags[report.id]
        tag, commits = _last(tags), ", ".join(sha[:_SHORT] for sha in tags)
        where = f"{commits} {'are' if len(tags) > 1 else 'is'} in tag {tag}"
        absent = [sha for sha, found in tags.items() if not found and len(sha) >= _WHOLE]
        if tag and not report.fix.fixed_in:
            yield f"{where}: issuelog fix {report.id} --fixed-in {shlex.quote(version_of(tag))}"
        elif tag and self.told:
            yield where
        elif absent and self.told:
            yield f"in no tag of a release yet: {', '.join(sha[:_SHORT] for sha in absent)}"

    def _could_be(self, report: Report) -> Iterator[str]:
        found = self.suggested.get(report.id, ())
        for one in found[:_SUGGESTED]:
            yield f"names this report: {one.short} {one.summary}: issuelog fix {report.id} --ref git:{one.short}"
        if len(found) > _SUGGESTED:
            yield f"and {len(found) - _SUGGESTED} more: issuelog log {report.id}"


def looking_up_tags(
    session: Session, refs: Sequence[str]
) -> tuple[Callable[[Report], str | None], Callable[[str, Callable[[], Change]], Change]]:
    """Return what tells the version that carries a fix with more `refs`, and what looks it up before the change.

    Git may take a while to answer, and nobody else can write while a change is made.
    """
    from issuelog.vcs.revisions import version_of

    known: dict[str, str | None] = {}

    def look_up(one: str, change: Callable[[], Change]) -> Change:
        report = session.tracker.read(one).report
        tag = None if report.fix.fixed_in or report.fix.deployed else release_tag(session, [*report.fix.refs, *refs])
        known[one] = version_of(tag) if tag else None
        return change()

    return lambda report: known.get(report.id), look_up
