"""What was found by running a command: an attempt by machine, the commit that brought the error in, a proven fix."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from issuelog.actions.build import build, fill
from issuelog.actions.start import add_files
from issuelog.errors import Refused
from issuelog.model.identifier import next_item_id
from issuelog.model.report import Attempt, Report, State, Test
from issuelog.model.step import Facts, Moment, Step, Waiver

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True)
class Kept:
    """A file to keep: its name and content, the kinds of secrets that were taken out, and whether it is only a part."""

    name: str
    content: bytes
    secrets: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True)
class Counted:
    """What runs at one commit of the product came to."""

    revision: str
    runs: int
    hits: int
    silent: int
    outcome: Literal["reproduced", "intermittent", "not_reproduced"]


def attempt(
    counted: Counted,
    *,
    command: str,
    place: str,
    environment: Mapping[str, str],
    expect_exit: str | None,
    expect_output: str | None,
    timeout: int,
    output: Kept,
    note: str | None = None,
    waiver: Waiver = Waiver(),
) -> Step:
    """Record an attempt by machine. One in which the error showed takes an acknowledged report on."""
    files: dict[str, bytes] = {}

    def edit(draft: Report, moment: Moment) -> Facts:
        new = build(
            Attempt,
            id=next_item_id("R", [known.id for known in draft.attempts]),
            at=moment.at,
            by=moment.by,
            place=place,
            environment=dict(environment),
            runs=counted.runs,
            hits=counted.hits,
            outcome=counted.outcome,
            command=command,
            revision=counted.revision,
            expect_exit=expect_exit,
            expect_output=expect_output,
            timeout=timeout,
            silent=counted.silent or None,
            artifact=output.name,
            note=note,
        )
        draft.attempts.append(new)
        return {"attempt": new.id, "outcome": new.outcome, **_attached(draft, files, [output])}

    def choose(draft: Report) -> str | None:
        return "reproduce" if draft.attempts[-1].hits and draft.state is State.ACKNOWLEDGED else None

    return Step("reproduce", edit, choose, files, waiver)


def recorded_attempt(report: Report) -> Attempt:
    """Return the newest attempt by machine; raises Refused where there is none."""
    found = next((known for known in reversed(report.attempts) if known.command and _is_commit(known.revision)), None)
    if found is None:
        raise Refused(
            f"{report.id} has no attempt that was run by issuelog",
            hint=f"issuelog reproduce {report.id} --run CMD --repeat 10",
        )
    return found


def tested_before(report: Report) -> str:
    """Return the commit with the error: that of the newest attempt in which it showed, or the first bad one.

    Raises Refused where the report knows none.
    """
    shown = [known.revision for known in reversed(report.attempts) if known.hits]
    found = next((one for one in (*shown, report.diagnosis.first_bad_commit) if one and _is_commit(one)), None)
    if not found:
        raise Refused(
            f"{report.id} does not know a commit with the error", hint="--at-version REV   names the one to test before"
        )
    return found


def _is_commit(text: str | None) -> bool:
    """Whether it is the full id of a commit: what else a report names could be a branch, or an expression of git's."""
    return bool(text and _COMMIT.fullmatch(text))


@dataclass(frozen=True)
class FirstBad:
    """The first commit with the error, the first release that has it (unless somebody said), and how it was found."""

    commit: str
    author: str
    subject: str
    release: str | None
    steps: int
    runs_for_good: int


def first_bad(found: FirstBad, *, output: Kept, diagnosis: Step | None = None) -> Step:
    """Record the commit that brought the error in, with what else is said of the cause."""
    files: dict[str, bytes] = {}

    def edit(draft: Report, moment: Moment) -> Facts:
        facts = (diagnosis.edit(draft, moment) if diagnosis else None) or {}
        draft.diagnosis = fill(draft.diagnosis, first_bad_commit=found.commit, introduced_in=found.release)
        return {
            **facts,
            "first_bad_commit": found.commit,
            "author": found.author,
            "subject": found.subject,
            "steps": str(found.steps),
            "runs_for_good": str(found.runs_for_good),
            **_attached(draft, files, [output]),
        }

    return Step("diagnose", edit, files=files)


def narrowed(commits: Sequence[str], *, steps: int, output: Kept) -> Step:
    """Keep how a search went that ended with several commits; none of them is recorded as the first bad one."""
    files: dict[str, bytes] = {}

    def edit(draft: Report, _: Moment) -> Facts:
        return {"candidates": list(commits), "steps": str(steps), **_attached(draft, files, [output])}

    return Step("attach", edit, files=files)


def proof(
    *,
    command: str,
    before: str,
    after: str,
    passed: bool,
    level: str,
    scenario: str,
    ref: str | None,
    outputs: Sequence[Kept],
) -> Step:
    """Record a test that showed the error at one commit, and whether it still did at another."""
    files: dict[str, bytes] = {}

    def edit(draft: Report, moment: Moment) -> Facts:
        new = build(
            Test,
            id=next_item_id("T", [known.id for known in draft.fix.tests]),
            level=level,
            mode="automated",
            scenario=scenario,
            result="pass" if passed else "fail",
            ref=ref or f"git:{after}",
            command=command,
            before=before,
            after=after,
            artifacts=[output.name for output in outputs],
            at=moment.at,
            by=moment.by,
        )
        draft.fix.tests.append(new)
        return {"test": new.id, "result": new.result, **_attached(draft, files, outputs)}

    return Step("test", edit, files=files)


def _attached(draft: Report, files: dict[str, bytes], outputs: Sequence[Kept]) -> Facts:
    """Attach what is to be kept, and return what the event says of it."""
    before = len(draft.attachments)
    files.clear()
    for output in outputs:
        files.update(add_files(draft, [(output.name, output.content)], "log", output.partial))
    secrets = sorted({kind for output in outputs for kind in output.secrets})
    facts: Facts = {"attachments": [known.id for known in draft.attachments[before:]]}
    return {**facts, "secrets_redacted": secrets} if secrets else facts
