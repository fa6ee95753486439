"""Whether a team can rely on a tracker: who sees to what, when work is done, what was agreed, and in which words.

Each look is a function in LOOKS; it says what is missing and the edit that supplies it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from issuelog.config import load_user
from issuelog.customer import overrides, rulebook, templates
from issuelog.customer.slots import SLOTS
from issuelog.errors import InvalidFile, IssuelogError
from issuelog.model.calendar import Calendar
from issuelog.model.faults import did_you_mean
from issuelog.model.person import is_in_full
from issuelog.model.policy import ANY_COMPONENT, ROUND_THE_CLOCK, Agreement, Policy, SomeTargets
from issuelog.model.text import fold
from issuelog.store.layout import CONFIG
from issuelog.tracker import Tracker

_YEAR = timedelta(days=365)
_NAMED = 5
_UTC = frozenset({"UTC", "Etc/UTC"})
_PROMISE = "next_update"
"""The slot without which a message that sets a clock names no time."""
_CODE = re.compile(r"[a-z]{2,3}(?:[-_].*)?")
"""The code of a language, perhaps with a region; a word such as `english` is none."""


@dataclass(frozen=True)
class Finding:
    """One thing that `doctor` looked at: `ok`, `warning` or `error`, and the command or edit that mends it."""

    what: str
    level: str
    found: str
    command: str = ""


@dataclass(frozen=True)
class _Case:
    """A tracker with what its reports name."""

    tracker: Tracker
    at: datetime
    environment: Mapping[str, str]
    reports: int
    tiers: frozenset[str]
    components: frozenset[str]
    open_components: Mapping[str, int]
    languages: Counter[str]
    """Those of customers with open reports."""

    @property
    def policy(self) -> Policy:
        return self.tracker.policy


def readiness(tracker: Tracker, at: datetime, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is missing before the tracker's clocks and messages can be relied on, and what is in order."""
    try:
        case = _case(tracker, at, environment)
    except IssuelogError:
        return  # told where the policy and the reports are looked at
    for look in LOOKS:
        yield from look(case)


def _case(tracker: Tracker, at: datetime, environment: Mapping[str, str]) -> _Case:
    _ = tracker.policy
    sql = "SELECT closed, tier, component, json_extract(item, '$.component'), language FROM report"
    rows, _ = tracker.ask(lambda index: index.execute(sql).fetchall())
    return _Case(
        tracker,
        at,
        environment,
        len(rows),
        frozenset(tier for _, tier, _, _, _ in rows),
        frozenset(component for _, _, component, _, _ in rows),
        Counter(component for closed, _, _, component, _ in rows if component and not closed),
        Counter(language for closed, _, _, _, language in rows if language and not closed),
    )


def _owners(case: _Case) -> Iterator[Finding]:
    owners = case.policy.owners
    if ANY_COMPONENT in owners:
        yield Finding("owners", "ok", f"{case.policy.owner(None)} sees to what nobody else is named for")
        return
    left = {name: count for name, count in case.open_components.items() if not case.policy.owner(name)}
    words = "nobody sees to reports of a component that is not named"
    listed = _listed(f"{name} ({count:,})" for name, count in Counter(left).most_common())
    yield Finding("owners", "warning", f"{words}; open: {listed}" if left else words, _edit('owners: "*": WHO'))


def _people(case: _Case) -> Iterator[Finding]:
    people = case.policy.people
    for name, person in people.items():
        if not is_in_full(person):
            yield Finding(f"people {name}", "warning", f"{person!r} is no NAME <MAIL>", _edit(f"people: {name}"))
    for component, who in case.policy.owners.items():
        if who not in people and not is_in_full(who):
            words = f"{who!r} is none of people, and no NAME <MAIL>{did_you_mean(who, people)}"
            yield Finding(f"owner of {component}", "warning", words, _edit(f"people: {who}"))


def _calendars(case: _Case) -> Iterator[Finding]:
    for name in sorted(_used(case.policy)):
        rule = case.policy.calendars[name]
        calendar = rule.build()
        if calendar.is_always:
            continue
        lacks = []
        if rule.timezone in _UTC and "timezone" not in rule.model_fields_set:
            lacks.append("its hours are in UTC, for no time zone was named")
        coming = _next_holiday(calendar, case.at)
        if coming is None:
            lacks.append("no holiday in the coming 12 months, and no country")
        words = "; ".join(lacks) or f"{rule.timezone}, the next holiday is {coming}"
        level = "warning" if lacks else "ok"
        edit = _edit(f"calendars: {name}: timezone, country") if lacks else ""
        yield Finding(f"calendar {name}", level, words, edit)


def _used(policy: Policy) -> set[str]:
    """Return the calendars that targets name."""
    said: list[SomeTargets] = [*policy.targets.values()]
    said += [targets for one in policy.policies for targets in one.targets.values()]
    return {span.calendar for targets in said for _, span in targets if span} - {ROUND_THE_CLOCK}


def _next_holiday(calendar: Calendar, at: datetime) -> str | None:
    today = at.date()
    days = (today + timedelta(days=number) for number in range(_YEAR.days))
    return next((day.isoformat() for day in days if day in calendar.holidays), None)


def _agreements(case: _Case) -> Iterator[Finding]:
    policies = case.policy.policies
    faulty = 0
    for number, agreement in enumerate(policies):
        for words in (*_never(agreement, policies[:number]), *_strangers(case, agreement)):
            faulty += 1
            yield Finding(f"policy {agreement.name}", "warning", words, _edit("policies"))
    if policies and not faulty:
        yield Finding("policies", "ok", f"{len(policies)}, and each can be chosen")


def _never(agreement: Agreement, earlier: Iterable[Agreement]) -> Iterator[str]:
    """Yield why an agreement is never chosen."""
    if agreement.from_ and agreement.until and agreement.from_ >= agreement.until:
        yield f"never in force: it ends ({agreement.until}) before it begins ({agreement.from_})"
        return
    before = [one for one in earlier if _lasts_as_long(one, agreement)]
    for_all = [one for one in before if not (one.tiers or one.components)]
    left_tiers = _folded(agreement.tiers).difference(*(_folded(one.tiers) for one in before))
    left_components = _folded(agreement.components).difference(*(_folded(one.components) for one in before))
    named = agreement.tiers or agreement.components
    if for_all or (before and named and not (left_tiers or left_components)):
        names = ", ".join(one.name for one in for_all or before)
        yield f"never chosen: what stands before it ({names}) is for the same, at the same time"


def _lasts_as_long(one: Agreement, other: Agreement) -> bool:
    begins = one.from_ is None or (other.from_ is not None and one.from_ <= other.from_)
    ends = one.until is None or (other.until is not None and one.until >= other.until)
    return begins and ends


def _folded(names: Iterable[str]) -> set[str]:
    return {fold(name) for name in names}


def _strangers(case: _Case, agreement: Agreement) -> Iterator[str]:
    """Yield the tiers and components that no report has."""
    if not case.reports:
        return
    for what, names, known in (
        ("tier", agreement.tiers, case.tiers),
        ("component", agreement.components, case.components),
    ):
        unknown = [name for name in names if fold(name) not in known]
        if unknown:
            yield f"no report has the {what} {_listed(unknown)}"


def _templates(case: _Case) -> Iterator[Finding]:
    folder = case.tracker.layout.templates
    looked = 0
    for place in _inside(folder):
        where = f"templates/{place.name}"
        if not place.is_dir():
            yield Finding(where, "warning", "no folder of a language, such as de", f"move {_shown(case, place)}")
        elif not _is_language(place.name):
            words = "no code of a language: two or three small letters, perhaps with a region, as in de or pt-BR"
            yield Finding(where, "warning", words, f"rename {_shown(case, place)}")
        else:
            for file in _inside(place):
                looked += 1
                yield from _template(case, file, place.name)
    if looked:
        yield Finding("templates", "ok", f"{looked} of the tracker's own looked at")


def _template(case: _Case, file: Path, language: str) -> Iterator[Finding]:
    kind, where = file.stem, f"templates/{language}/{file.name}"
    if file.suffix != ".md" or kind not in templates.kinds():
        close = did_you_mean(kind, templates.kinds()) or f"; there are {', '.join(templates.kinds())}"
        words = f"no kind of message; a template is called KIND.md{close}"
        yield Finding(where, "warning", words, f"rename {_shown(case, file)}")
        return
    try:
        required, optional = templates.slots_of(kind, language, file.parents[1])
    except InvalidFile as error:
        yield _broken(case, where, error)
        return
    needed, also = templates.slots_of(kind, language)
    level, parts = "ok", []
    unknown = [slot for slot in required if slot not in SLOTS]
    if unknown:
        level = "warning"
        parts.append(f"asks for {_listed(unknown)}, which no report fills: --slot {unknown[0]}=TEXT each time")
    left_out = [slot for slot in needed if slot not in (*required, *optional)]
    if left_out:
        level = "warning" if _PROMISE in left_out else level
        parts.append(f"leaves out {_listed(left_out)} of the built-in one")
    more = [slot for slot in required if slot in SLOTS and slot not in (*needed, *also)]
    if more:
        parts.append(f"says {_listed(more)}, which the built-in one does not")
    if parts:
        yield Finding(where, level, "; ".join(parts), f"correct {_shown(case, file)}" if level != "ok" else "")


def _lint(case: _Case) -> Iterator[Finding]:
    folder = case.tracker.layout.lint
    looked = 0
    for file in _inside(folder):
        where = f"lint/{file.name}"
        if file.suffix != ".yaml" or not _is_language(file.stem):
            words = "no rules of a language; a file of them is called de.yaml"
            yield Finding(where, "warning", words, f"rename {_shown(case, file)}")
            continue
        looked += 1
        try:
            rules = rulebook.language_of(file.stem, folder).rules
        except InvalidFile as error:
            yield _broken(case, where, error)
            continue
        known = _kinds_of_rules(file.stem) | {*templates.kinds()}
        for rule in rules:
            unknown = sorted(rule.kinds - known)
            if unknown:
                words = f"{rule.id} is for {_listed(unknown)}, no kind of message{did_you_mean(unknown[0], known)}"
                yield Finding(where, "warning", words, f"correct {_shown(case, file)}")
    if looked:
        yield Finding("lint", "ok", f"rules of the tracker's own for {looked} language{'s' * (looked > 1)} looked at")


def _kinds_of_rules(language: str) -> set[str]:
    return {kind for rule in rulebook.language_of(language).rules for kind in rule.kinds} | {"*"}


def _languages(case: _Case) -> Iterator[Finding]:
    known = {*templates.languages(case.tracker.layout.templates)}
    left = {one: count for one, count in case.languages.most_common() if not known & {*overrides.fallbacks(one)}}
    if left:
        listed = _listed(f"{language} ({count:,})" for language, count in left.items())
        words = f"customers with open reports write {listed}; without templates they get English"
        folder = case.tracker.relative(case.tracker.layout.templates / next(iter(left)))
        yield Finding("languages", "warning", words, f"write templates in {folder}")


def _sending(case: _Case) -> Iterator[Finding]:
    try:
        mail = load_user(case.environment).user.mail
    except InvalidFile as error:
        yield Finding("sending", "error", error.problems[0].message, f"correct {error.problems[0].path}")
        return
    by = mail.sendmail[0] if mail.sendmail else mail.smtp.host if mail.smtp else None
    words = f"mail leaves by {by}" if by else "messages are sent by you: issuelog message draft ID --eml FILE"
    yield Finding("sending", "ok", words)


def _inside(folder: Path) -> list[Path]:
    """Return what is in a folder by name, hidden files aside; nothing of what a link leads to."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _is_language(name: str) -> bool:
    return _CODE.fullmatch(name) is not None and name in overrides.fallbacks(name)


def _broken(case: _Case, where: str, error: InvalidFile) -> Finding:
    problem = error.problems[0]
    place = f"{_shown(case, Path(problem.path))}:{problem.line}:{problem.column}"
    return Finding(where, "warning", f"cannot be used: {problem.message}", f"correct {place}")


def _shown(case: _Case, path: Path) -> str:
    return case.tracker.relative(path)


def _edit(what: str) -> str:
    return f"{what}   in {CONFIG}"


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(found[:_NAMED]) + more


LOOKS: tuple[Callable[[_Case], Iterator[Finding]], ...] = (
    _owners,
    _people,
    _calendars,
    _agreements,
    _templates,
    _lint,
    _languages,
    _sending,
)
