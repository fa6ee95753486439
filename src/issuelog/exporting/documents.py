"""Writing the documents of reports: as Markdown, HTML or JSON, each of one report or of many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from issuelog.errors import Conflict, InvalidFile, NotFound, Problem, UsageError
from issuelog.exporting.document import document
from issuelog.exporting.eight import eight_d
from issuelog.exporting.gathered import Facts, gathered
from issuelog.exporting.private import without_customer
from issuelog.model import html, markdown
from issuelog.model.paper import Paper
from issuelog.model.report import Report
from issuelog.tracker import Tracker
from issuelog.vcs.commits import Concerning

FORMS = ("md", "html", "json", "8d", "8d-html")
"""What a document is written as; an 8D report has eight parts of its own."""
_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".md": "md"}


def as_named(form: str | None, file: str | None, *, json: bool) -> str:
    """Return the form that was asked for: by its name, by `--json`, or by how the file's name ends.

    Raises UsageError for one that there is not, or two that exclude each other.
    """
    if form is not None and form not in FORMS:
        raise UsageError(f"--format is {form!r}; it has to be one of {', '.join(FORMS)}")
    if json and form not in {None, "json"}:
        raise UsageError(f"--json and --format {form} exclude each other")
    by_name = _ENDINGS.get(PurePath(file).suffix.lower(), "md") if file else "md"
    return form or ("json" if json else by_name)


@dataclass
class Documents:
    """Writes documents on reports of one tracker; `problems` are of those files that could not be read.

    `at` is for when they are wanted; `beside` the address of the tracker's folder as seen from the document, None where
    nothing is to be linked; `alike` finds the reports of the same days that are like one, `commits` the commits of the
    product that concern one. Of `one` report an error is raised, of several it is kept as a problem.
    """

    tracker: Tracker
    at: datetime | None = None
    beside: str | None = None
    without_customer: bool = False
    one: bool = False
    alike: Callable[[Report], Sequence[str]] = lambda _: ()
    commits: Callable[[Report], Sequence[Concerning]] = lambda _: ()
    problems: list[Problem] = field(default_factory=list)

    def written(self, form: str, ids: Iterable[str]) -> Iterator[str]:
        """Yield a file with the documents of these reports; JSON has a line for each where there may be several."""
        if form == "json":
            for known in self._known(ids):
                yield json.dumps(known, ensure_ascii=True, indent=2 if self.one else None) + "\n"
            return
        papers = [self._paper(known, form) for known in self._known(ids)]
        title = f"{papers[0].name}" if len(papers) == 1 else "Reports"
        yield from (html if form.endswith("html") else markdown).written(papers, title)

    def _paper(self, known: Facts, form: str) -> Paper:
        if form.startswith("8d"):
            return eight_d(known)
        folder = f"attachments/{known['id']}"
        return document(known, None if self.beside is None else f"{self.beside}{folder}")

    def _known(self, ids: Iterable[str]) -> Iterator[Facts]:
        from issuelog.vcs.history import history

        for report_id in ids:
            path = self.tracker.layout.report(report_id)
            try:
                report = self.tracker.read(report_id).report
            except (InvalidFile, NotFound, Conflict) as error:
                if self.one:
                    raise
                found = error.problems if isinstance(error, InvalidFile) else ()
                shown = self.tracker.relative(path)
                self.problems += found or [Problem(shown, 1, 1, "file", error.message)]
                continue
            commits = history(self.tracker.repository, [self.tracker.repository.relative(path)])
            known = gathered(report, self.tracker.policy, self.at, commits, self.alike(report), self.commits(report))
            yield without_customer(known, report) if self.without_customer else known
