"""The rules of a root cause analysis: small functions in one table, in the order in which they are told."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from issuelog.model.person import is_same
from issuelog.model.policy import Policy
from issuelog.model.rca.likeness import alike, begun_by, clauses, person_in, phrase_in
from issuelog.model.rca.subject import Failed, Finding, Subject
from issuelog.model.rca.words import BLAME, HOPE, MADE, PONDER
from issuelog.model.report import Action, Cause, Report, Why

WHYS = 3
SEARCHED_DAYS = 730
"""How far back a search for earlier errors goes."""
_MEANING = {"occurrence": "why it happened", "escape": "why it reached the customer"}
_ASK = "rca why --cause {} --why TEXT --evidence TEXT"

Found = Iterator[tuple[str, str, str, str]]
"""The place, what is missing there, what would satisfy the rule, and the command for that."""


def findings(report: Report, policy: Policy, failed: Sequence[Failed] = ()) -> list[Finding]:
    """Return everything that stands between an analysis and its acceptance, in the order of the table."""
    subject = Subject(report, policy, failed)
    return [Finding(name, *found) for name, rule in RULES.items() for found in rule(subject)]


def _both_causes(subject: Subject) -> Found:
    for kind, words in _MEANING.items():
        if not any(cause.kind == kind for cause in subject.rca.causes):
            yield "rca.causes", f"no {kind} cause: {words}", f"ask {words}", _ASK.format(kind)


def _deep_enough(subject: Subject) -> Found:
    for cause in subject.rca.causes:
        have = len(cause.whys)
        if have < WHYS:
            what = f"{_name(cause)} has {have} of {WHYS} whys"
            yield (
                f"{_place(cause)}.whys",
                what,
                "ask why of the last answer, until it is the system",
                _ASK.format(cause.kind),
            )


def _evidence(subject: Subject) -> Found:
    for cause, why, place in subject.whys():
        if not (why.evidence or "").strip():
            what = f"{why.id or 'a why'} of {_name(cause)} has no evidence"
            yield (
                f"{place}.evidence",
                what,
                "say what shows it: a log, a commit, a date",
                _setting(why, f"{place}.evidence"),
            )


def _whys_differ(subject: Subject) -> Found:
    for cause in subject.rca.causes:
        for number, why in enumerate(cause.whys):
            earlier = next((one for one in cause.whys[:number] if alike(one.why, why.why)), None)
            if earlier:
                place = f"{_place(cause)}.whys.{why.id or number + 1}.why"
                what = f"{why.id or 'a why'} of {_name(cause)} says again what {earlier.id or 'an earlier one'} says"
                yield place, what, "say why that was so, one step further", _setting(why, place)


def _no_person(subject: Subject) -> Found:
    customer = [subject.report.customer.name] if subject.report.customer.name else []
    for cause, why, place in subject.whys():
        who, blame = person_in(why.why, subject.people, customer), phrase_in(why.why, BLAME)
        if not who and not blame:
            continue
        said = f"names {(who or '').partition('<')[0].strip()}" if who else f"says {blame!r}"
        what = f"{why.id or 'a why'} of {_name(cause)} {said}: anybody else would have done the same"
        helps = "say what in the system let it happen: a missing check, a rule, a tool"
        yield f"{place}.why", what, helps, _setting(why, f"{place}.why")


def _systemic_end(subject: Subject) -> Found:
    for cause in subject.rca.causes:
        if cause.end_kind is None:
            what = f"{_name(cause)} does not say what part of the system its last why names"
            helps = "say whether it is process, policy, design, tooling, training, resource or supplier"
            yield f"{_place(cause)}.end_kind", what, helps, f"rca why --cause {cause.kind} --ends-in process"


def _prevented(subject: Subject) -> Found:
    if not any(one.kind == "prevent" and one.strength != "weak" and _does(one) for one in subject.live):
        yield (
            "rca.actions",
            "no preventive action stronger than training",
            "plan a change of the system that makes the error impossible, or hard",
            f"rca action TEXT --kind prevent --strength strong{_for(subject)} --owner WHO --due TIME --measure TEXT",
        )


def _for(subject: Subject) -> str:
    """Return for which cause a new action is: the first that nothing answers."""
    open_cause = next((cause for cause in subject.rca.causes if not _is_answered(subject, cause)), None)
    return f" --for {open_cause.id}" if open_cause else ""


def _actions_owned(subject: Subject) -> Found:
    for action in subject.rca.actions:
        if action.status != "open":
            continue
        for field, present in (("owner", action.owner), ("due_at", action.due_at), ("measure", action.measure)):
            if not present:
                place = f"rca.actions.{action.id}.{field}"
                what = f"action {action.id} has no {field}"
                yield place, what, "say who does it, until when, and how we know that it works", f"set {place}=VALUE"


def _actions_do(subject: Subject) -> Found:
    for action in subject.rca.actions:
        if action.status == "open" and not _does(action):
            place = f"rca.actions.{action.id}.text"
            what = f"action {action.id} says {only_hopes(action.text)!r}: nobody can see when that is done"
            helps = "say what is built, changed or removed; what is only looked into is no measure"
            yield place, what, helps, f"set {place}=TEXT"


def _does(action: Action) -> bool:
    """Whether an action makes something, and does not only hope or ponder."""
    return only_hopes(action.text) is None


def only_hopes(text: str) -> str | None:
    """Return the words by which a text only hopes or ponders; None where a part of it makes something."""
    if hope := phrase_in(text, HOPE):
        return hope
    parts = {part: begun_by(part, PONDER) for part in clauses(text)}
    makes = any(phrase_in(part, MADE) for part, pondered in parts.items() if not pondered)
    return None if makes else next(filter(None, parts.values()), None)


def _due_in_time(subject: Subject) -> Found:
    days = subject.policy.rca_action_days
    for action in subject.rca.actions:
        planned = subject.planned.get(action.id, subject.began)
        if action.status == "open" and action.due_at and action.due_at - planned > timedelta(days=days):
            place = f"rca.actions.{action.id}.due_at"
            late = (action.due_at - planned).days
            what = f"action {action.id} is due {late} days after it was planned; policy allows {days}"
            yield place, what, "make it due earlier, or a first part of it", f"set {place}=TIME"


def _answered(subject: Subject) -> Found:
    without = [action.id for action in subject.live if not action.cause]
    for cause in subject.rca.causes:
        if not _is_answered(subject, cause):
            what = f"{_name(cause)} has neither an action nor a decision not to act"
            if without:
                action = without.pop(0)
                helps = f"say that {action} is for it, if it is; else plan another, or say what is not done, and why"
                yield _place(cause), what, helps, f"set rca.actions.{action}.cause={cause.id}"
                continue
            helps = "plan an action for it, or say what is not done, and why"
            yield _place(cause), what, helps, f"rca not-done TEXT --because TEXT --for {cause.id}"


def _is_answered(subject: Subject, cause: Cause) -> bool:
    named = [action.cause for action in subject.live] + [one.cause for one in subject.rca.not_done]
    return cause.id in named


def _detection(subject: Subject) -> Found:
    known = subject.rca.detection
    if not (known.how and known.should_have) or known.gap_minutes is None:
        lacks = [
            name
            for name, said in (
                ("how it was noticed", known.how),
                ("what should have noticed it", known.should_have),
                ("how much later that was", known.gap_minutes is not None),
            )
            if not said
        ]
        yield (
            "rca.detection",
            f"the detection gap is not told: {', '.join(lacks)}",
            "say how it was noticed, what should have, and how long that took",
            "rca detect --how TEXT --should-have TEXT --gap 90min",
        )


def _searched(subject: Subject) -> Found:
    known, command = subject.rca.recurrence, "rca recurrence --conclusion TEXT"
    helps = "search two years of reports for the same error, and say what follows from what is found"
    if known.searched_at is None:
        yield "rca.recurrence", "nobody has searched whether it happened before", helps, command
    elif known.since is None or known.searched_at - known.since < timedelta(days=SEARCHED_DAYS):
        yield "rca.recurrence.since", "the search for earlier errors does not reach back two years", helps, command
    elif not (known.conclusion or "").strip():
        yield "rca.recurrence.conclusion", "nothing follows yet from the search for earlier errors", helps, command


def _walked(subject: Subject) -> Found:
    walked = {stage.casefold() for stage, found in subject.rca.process_walk.items() if found.strip()}
    left = [stage for stage in subject.policy.rca_stages if stage.casefold() not in walked]
    if left:
        told = " ".join(shlex.quote(f"{stage}=TEXT") for stage in left)
        helps = "say for each stage what there let it pass, or none"
        yield "rca.process_walk", f"stages that were not walked: {', '.join(left)}", helps, f"rca walk {told}"


def _reviewer(subject: Subject) -> Found:
    owner, reviewer = subject.rca.owner, subject.rca.reviewer
    if owner and reviewer and is_same(owner, reviewer):
        helps = "have it read by somebody who did not write it"
        yield "rca.reviewer", "a reviewer who is not the owner", helps, "rca accept --reviewer SOMEBODY_ELSE"


def _earlier_held(subject: Subject) -> Found:
    for cause in subject.rca.causes:
        root = cause.whys[-1].why if cause.whys else ""
        for one in subject.failed:
            if root and any(alike(root, other) for other in one.causes) and not _mentions(subject, one.report):
                what = f"{one.report} had the same cause as {cause.id}, and its measures did not hold: {one.because}"
                helps = f"say why they did not hold, and what is stronger now; name {one.report}"
                yield _place(cause), what, helps, f"rca recurrence --conclusion {shlex.quote(f'{one.report}: TEXT')}"


def _mentions(subject: Subject, report: str) -> bool:
    return report in (subject.rca.recurrence.conclusion or "")


def _place(cause: Cause) -> str:
    return f"rca.causes.{cause.id}"


def _name(cause: Cause) -> str:
    return f"the {cause.kind} cause {cause.id}"


def _setting(why: Why, place: str) -> str:
    return f"set {place}=TEXT" if why.id else "rca edit"


RULES: dict[str, Callable[[Subject], Found]] = {
    "both_causes": _both_causes,
    "deep_enough": _deep_enough,
    "evidence": _evidence,
    "whys_differ": _whys_differ,
    "no_person": _no_person,
    "systemic_end": _systemic_end,
    "prevented": _prevented,
    "actions_owned": _actions_owned,
    "actions_do": _actions_do,
    "due_in_time": _due_in_time,
    "answered": _answered,
    "detection": _detection,
    "searched": _searched,
    "walked": _walked,
    "reviewer": _reviewer,
    "earlier_held": _earlier_held,
}
"""The rules by their ids, which stay. For each there is an example that passes and one that fails, in the tests."""
