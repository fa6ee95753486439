"""The whole analysis in an editor, as one document: validated before it is committed, and never lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from issuelog.actions.analysis import begun
from issuelog.errors import Cancelled, Conflict, InvalidFile, IssuelogError, Problem
from issuelog.exporting.told import in_words
from issuelog.model.identifier import next_item_id
from issuelog.model.report import Rca, Report
from issuelog.model.step import Facts, Moment, Step
from issuelog.model.times import iso
from issuelog.store.documents import to_data
from issuelog.store.files import read_regular, remove_durably, write_durably
from issuelog.store.layout import MAX_BYTES
from issuelog.store.places import problems_of
from issuelog.store.yamlfile import Mapping, decode, parse
from issuelog.store.yamltext import dump
from issuelog.tracker import Change, Settle, Tracker

Edit = Callable[[Path], None]
_OF_COMMANDS = ("status", "reviewer", "accepted_at")
"""What commands say of an analysis, and of a measure."""
_OF_ACTIONS = ("status", "evidence", "closed_at", "checks")
_PREFIX = {"timeline": "L", "causes": "C", "whys": "W", "factors": "F", "actions": "A", "not_done": "N"}
_TOLD = frozenset({"diagnose", "workaround", "escalate", "fix", "deploy", "verify"})
"""Events that belong to what happened, besides those that moved the report on."""
_SHA = re.compile(r"(?:git:)?([0-9a-f]{7,64})")
_HEAD = """\
# The root cause analysis of {id}. Save and close to record it; leave it as it is, and nothing changes.
# A new item needs no id. Whether it is accepted, and what became of a measure, only commands say:
# issuelog rca accept, issuelog actions done. What is missing: issuelog rca check {id}
#
# causes:     kind: occurrence|escape, whys: [why, evidence], end_kind: process|policy|design|tooling|training|
#             resource|supplier
# actions:    text, kind: prevent|detect|mitigate, strength: strong|intermediate|weak, cause, owner, due_at, measure
# not_done:   what, why, cause          detection: how, should_have, gap_minutes
# process_walk, a finding or none for:  {stages}
# and:        owner, due_at, summary, timeline, factors: [text], recurrence, spread, customer_summary

"""


class Editing:
    """One analysis in an editor. The draft lies in the git directory, beside the document it was begun from."""

    def __init__(self, tracker: Tracker, report_id: str) -> None:
        self.tracker = tracker
        self.report_id = report_id
        self.draft = tracker.repository.private / "drafts" / f"{report_id}.rca.yaml"
        self.base = self.draft.with_name(f"{report_id}.rca.base.yaml")

    def run(self, edit: Edit, settle: Settle, moment: Moment, *, dry_run: bool = False) -> Change:
        """Open the document, validate what was saved, commit it. On failure it is kept, and the error says so."""
        original = self.tracker.read(self.report_id).report
        begun(original)
        before = self._begin(original)
        try:
            edit(self.draft)
            edited = read_regular(self.draft, MAX_BYTES) or before
            if edited == before:
                raise Cancelled("nothing was edited; nothing was changed")
            change = settle(partial(self._commit, original, edited, moment, dry_run=dry_run))
        except IssuelogError as error:
            if (read_regular(self.draft, MAX_BYTES) or before) == before:
                self._forget()
            else:
                kept = f"your text is kept; issuelog rca edit {self.report_id} opens it again ({self.draft})"
                error.hint = f"{error.hint}; {kept}" if error.hint else kept
            raise
        if not dry_run:
            self._forget()
        return change

    def _begin(self, report: Report) -> bytes:
        """Lay out the document, or the draft that was kept, with what others changed merged into it."""
        current = self._page(report)
        kept, base = read_regular(self.draft, MAX_BYTES), read_regular(self.base, MAX_BYTES)
        going_on = bool(kept and base and kept != base)
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
        data = _without(to_data(report.rca))
        if not data.get("timeline"):
            data["timeline"] = [
                {"id": f"L{number}", "at": at, "text": text}
                for number, (at, text) in enumerate(sorted(self._happened(report)), 1)
            ]
        order = [name for name in Rca.model_fields if name in data]
        head = _HEAD.format(id=report.id, stages=", ".join(self.tracker.policy.rca_stages))
        return (head + dump({name: data[name] for name in order})).encode("utf-8")

    def _happened(self, report: Report) -> Iterator[tuple[str, str]]:
        """Yield what happened when: the report's events in words, and the commits that it names."""
        for event in report.events:
            if event.to or event.action in _TOLD:
                yield iso(event.at), str(in_words(event)["words"])
        for what, ref in [
            ("first bad commit", report.diagnosis.first_bad_commit),
            *(("fix", one) for one in report.fix.refs),
        ]:
            sha = _SHA.fullmatch(ref or "")
            if not sha:
                continue
            done = self.tracker.repository.git.attempt("show", "-s", "--format=%ct%x00%s", f"{sha[1]}^{{commit}}", "--")
            seconds, _, subject = done.stdout.decode("utf-8", "replace").strip().partition("\0")
            if done.returncode == 0 and seconds.isdigit():
                from datetime import UTC, datetime

                yield iso(datetime.fromtimestamp(int(seconds), UTC)), f"{what} {sha[1][:10]}: {subject}"

    def _forget(self) -> None:
        for file in (self.draft, self.base):
            remove_durably(file)

    def _commit(self, original: Report, edited: bytes, moment: Moment, *, dry_run: bool) -> Change:
        typed = self._typed(original, edited)

        def change(draft: Report, _: Moment) -> Facts:
            if to_data(draft.rca) != to_data(original.rca):
                raise Conflict(f"the analysis of {draft.id} was changed by somebody else while you edited it")
            known = {action.id for action in draft.rca.actions}
            begun(draft)
            status, reviewer, accepted = draft.rca.status, draft.rca.reviewer, draft.rca.accepted_at
            draft.rca = typed.model_copy(update={"status": status, "reviewer": reviewer, "accepted_at": accepted})
            planned = [action.id for action in draft.rca.actions if action.id not in known]
            return {"rca_actions": planned} if planned else {"fields": ["rca"]}

        return self.tracker.change(self.report_id, Step("rca edit", change), moment, dry_run=dry_run)

    def _typed(self, original: Report, edited: bytes) -> Rca:
        """Return the analysis as it was typed. Raises InvalidFile with every problem and its place in the document."""
        shown = str(self.draft)
        root = parse(decode(edited, shown), shown)
        data = root.plain()
        problems = [*_of_commands(root, data, shown)]
        _number(data)
        problems += _twice(root, data, shown)
        was = {action.id: action for action in original.rca.actions}
        actions = data.get("actions")
        for action in actions if isinstance(actions, list) else []:
            if isinstance(action, dict) and action.get("id") in was:
                known = to_data(was[action["id"]])
                action |= {name: known[name] for name in _OF_ACTIONS if name in known}
        try:
            typed = Rca.model_validate(data)
        except ValidationError as error:
            problems += problems_of(error, root, Rca, shown, "schema")
            raise InvalidFile(problems) from None
        gone = [one for one in was.values() if one.status != "open" and one.id not in {new.id for new in typed.actions}]
        problems += [Problem(shown, 1, 1, "actions", f"action {one.id} is {one.status}; it stays") for one in gone]
        if problems:
            raise InvalidFile(problems)
        return typed


def _without(data: dict[str, Any]) -> dict[str, Any]:
    """Return an analysis without what only commands say."""
    found = {name: value for name, value in data.items() if name not in _OF_COMMANDS}
    if "actions" in found:
        found["actions"] = [
            {name: value for name, value in action.items() if name not in _OF_ACTIONS} for action in found["actions"]
        ]
    return found


def _of_commands(root: Mapping, data: dict[str, Any], shown: str) -> Iterator[Problem]:
    for name in _OF_COMMANDS:
        if name in data:
            node = root.key(name)
            command = "issuelog rca accept"
            yield Problem(shown, node.line + 1, node.column + 1, "sealed", f"{name} is not set by hand; {command} does")
    actions = data.get("actions")
    for number, action in enumerate(actions if isinstance(actions, list) else []):
        for name in _OF_ACTIONS if isinstance(action, dict) else ():
            if name in action:
                node = root.at(("actions", number, name))
                said = f"{name} of a measure is not set by hand; issuelog actions done does"
                yield Problem(shown, node.line + 1, node.column + 1, "sealed", said)


def _number(data: Any) -> None:
    """Give every new item its id."""
    for name, items in data.items() if isinstance(data, dict) else ():
        if name not in _PREFIX or not isinstance(items, list):
            continue
        rows = [item for item in items if isinstance(item, dict)]
        for item in rows:
            if not item.get("id"):
                item["id"] = next_item_id(_PREFIX[name], [str(one["id"]) for one in rows if one.get("id")])
            _number(item)


def _twice(root: Mapping, data: dict[str, Any], shown: str) -> Iterator[Problem]:
    for name, items in data.items():
        if name not in _PREFIX or not isinstance(items, list):
            continue
        seen: set[str] = set()
        for number, item in enumerate(items):
            identifier = str(item.get("id")) if isinstance(item, dict) else ""
            if identifier and identifier in seen:
                node = root.at((name, number))
                yield Problem(shown, node.line + 1, node.column + 1, "ids", f"{name} has {identifier} twice")
            seen.add(identifier)
