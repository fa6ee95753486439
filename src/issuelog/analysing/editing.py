"""The whole analysis in an editor, as one document: validated before it is committed, and never lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from issuelog.actions.analysis import begun
from issuelog.analysing.typed import Person, is_recorded, laid_out, read, typed
from issuelog.errors import Cancelled, Conflict, IssuelogError
from issuelog.exporting.told import in_words
from issuelog.model.report import Rca, Report
from issuelog.model.step import Facts, Moment, Step
from issuelog.model.times import iso
from issuelog.store.documents import to_data
from issuelog.store.files import read_regular, remove_durably, write_durably
from issuelog.store.layout import MAX_BYTES
from issuelog.store.yamlfile import Data
from issuelog.store.yamltext import dump
from issuelog.tracker import Change, Settle, Tracker
from issuelog.transaction import settle
from issuelog.vcs.commits import Concerning

Edit = Callable[[Path], None]
Commits = Callable[[Report], Sequence[Concerning]]
"""Finds the product's commits that have to do with a report."""
_TOLD = frozenset({"diagnose", "workaround", "escalate", "fix", "deploy", "verify"})
"""Events that belong to what happened, besides those that moved the report on."""
_HEAD = """\
# The root cause analysis of {id}. Write below what you know, save, close: it is recorded, as one change.
# Leave it as it is, and nothing is. What does not hold is kept, and this command opens it again. Comments go.
# What is missing: issuelog rca check {id}. Accepting it, and ending a measure, are commands of their own.
#
# causes:                       # kind: occurrence (why it happened) or escape (why it reached the customer)
#   - kind: occurrence
#     whys:                     # three or more, each why the one before was so
#       - why: the worker ran out of memory
#         evidence: its log of 16 November, 07:41
#     end_kind: design          # process, policy, design, tooling, training, resource, supplier
# actions:                      # kind: prevent, detect, mitigate; strength: strong, intermediate, weak
#   - {{text: stream all exports, kind: prevent, strength: strong, cause: C1, owner: kim, due_at: 2027-01-15,
#      measure: how we will know that it works}}
# not_done:                     # what was decided against
#   - {{what: fixtures by machine, why: the nightly export finds it too, cause: C2}}
# detection: {{how: a customer called, should_have: an alarm, gap_minutes: 360}}
# process_walk:                 # a finding, or none, for each of {stages}
# and: summary, timeline (at, text), factors (text), recurrence, spread, customer_summary. New items need no id,
# but C1, C2 are given in the order of the causes.

"""


class Editing:
    """One analysis in an editor. The draft lies in the git directory, beside the document it was begun from."""

    def __init__(self, tracker: Tracker, report_id: str, commits: Commits = lambda _: ()) -> None:
        self.tracker = tracker
        self.commits = commits
        self.report_id = report_id
        self.draft = tracker.repository.private / "drafts" / f"{report_id}.rca.yaml"
        self.base = self.draft.with_name(f"{report_id}.rca.base.yaml")

    def run(self, edit: Edit, commit: Settle, moment: Moment, *, dry_run: bool = False) -> Change:
        """Open the document, validate what was saved, commit it. On failure it is kept, and the error says so."""
        settle(self.tracker.repository, self.tracker.say)  # else a draft could be forgotten for a text that goes again
        original = self.tracker.read(self.report_id).report
        begun(original.model_copy(deep=True))
        before = self._begin(original)
        try:
            edit(self.draft)
            edited = read_regular(self.draft, MAX_BYTES) or before
            if self._says(edited) == self._says(before):
                self._forget()
                raise Cancelled("nothing was edited; nothing was changed")
            analysis = typed(edited, original.rca, self._person, str(self.draft))
            change = commit(partial(self._commit, original, analysis, moment, dry_run=dry_run))
        except IssuelogError as error:
            if (read_regular(self.draft, MAX_BYTES) or before) == before:
                self._forget()
            else:
                kept = f"your text is kept until you remove {self.draft}"
                kept = f"{kept}; issuelog rca edit {self.report_id} opens it again"
                error.hint = f"{error.hint}; {kept}" if error.hint else kept
            raise
        if not dry_run:
            self._forget()
        return change

    def _begin(self, report: Report) -> bytes:
        """Lay out the document, or the draft that was kept, with what others changed merged into it."""
        current = self._page(report)
        kept, base = read_regular(self.draft, MAX_BYTES), read_regular(self.base, MAX_BYTES)
        going_on = bool(kept and base and kept != base) and not is_recorded(kept or b"", report.rca, self._person)
        now = self.draft.with_name(f"{self.report_id}.rca.now.yaml")
        if going_on:
            self.tracker.say(f"going on with the draft of your last edit ({self.draft})")
        if going_on and base != current:
            write_durably(now, current)
            names = [word for label in ("your draft", "before", "now") for word in ("-L", label)]
            done = self.tracker.repository.git.attempt(
                "merge-file", "-p", *names, *map(str, (self.draft, self.base, now))
            )
            remove_durably(now)
            if done.returncode > 127:
                raise Conflict(
                    f"the analysis of {self.report_id} was changed since your draft was begun ({self.draft})"
                )
            write_durably(self.draft, done.stdout)
            where = "; where both changed the same lines you have to choose" if done.returncode else ""
            self.tracker.say(f"what was changed in it meanwhile is merged into the draft{where}")
        elif not going_on:
            write_durably(self.draft, current)
        write_durably(self.base, current)
        return current

    def _page(self, report: Report) -> bytes:
        data = laid_out(report.rca)
        if not data.get("timeline"):
            data["timeline"] = [
                {"id": f"L{number}", "at": at, "text": text}
                for number, (at, text) in enumerate(sorted(self._happened(report)), 1)
            ]
        order = [*(name for name in Rca.model_fields if name in data), *(data.keys() - Rca.model_fields.keys())]
        head = _HEAD.format(id=report.id, stages=", ".join(self.tracker.policy.rca_stages))
        return (head + dump({name: data[name] for name in order})).encode("utf-8")

    def _happened(self, report: Report) -> Iterator[tuple[str, str]]:
        """Yield what happened when: the report's events in words, and the commits of the product."""
        for event in report.events:
            if event.to or event.action in _TOLD:
                yield iso(event.at), str(in_words(event)["words"])
        for one in self.commits(report):
            yield one.at, f"{one.words} {one.short}: {one.summary}"

    def _forget(self) -> None:
        for file in (self.draft, self.base):
            remove_durably(file)

    def _says(self, document: bytes) -> Data:
        """Return what a document says, whatever its layout and comments."""
        return read(document, str(self.draft)).plain()

    @property
    def _person(self) -> Person:
        return self.tracker.policy.person

    def _commit(self, original: Report, analysis: Rca, moment: Moment, *, dry_run: bool) -> Change:
        def change(draft: Report, _: Moment) -> Facts:
            if to_data(draft.rca) != to_data(original.rca):
                raise Conflict(f"the analysis of {draft.id} was changed by somebody else while you edited it")
            known = {action.id for action in draft.rca.actions}
            draft.rca = analysis.model_copy(update={"status": begun(draft).status})
            planned = [action.id for action in draft.rca.actions if action.id not in known]
            return {"rca_actions": planned} if planned else {"fields": ["rca"]}

        return self.tracker.change(self.report_id, Step("rca edit", change), moment, dry_run=dry_run)
