"""From an alert to a report that says all we need: recording, attaching, asking, answering, correcting."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from issuelog.actions.build import build, given
from issuelog.customer.occasion import listed
from issuelog.errors import NotFound, UsageError
from issuelog.model import form
from issuelog.model.filenames import kind_of, safe_name
from issuelog.model.history import open_questions
from issuelog.model.identifier import next_item_id, report_id
from issuelog.model.lifecycle import event
from issuelog.model.policy import Policy
from issuelog.model.report import SCHEMA, Attachment, Customer, Question, Report, State, seal
from issuelog.model.step import Facts, Moment, Step

if TYPE_CHECKING:
    from issuelog.customer.voice import Voice, Words

_ID_NUMBERS = 32**4
SEALED = frozenset(
    {
        "schema",
        "id",
        "state",
        "story",
        "story_sha256",
        "story_redacted_sha256",
        "events",
        "messages",
        "closure",
        "attachments",
    }
)
"""Sections that only their own commands change."""
_ANSWERED_OTHERWISE = "--value VALUE   says what the field is to hold; --unavailable   that it cannot be had"
OWN_COMMAND = {
    "severity": "triage ID --severity S --because TEXT",
    "rca.status": "rca accept ID --reviewer WHO",
    "monitor.pattern": "monitor ID --pattern REGEX",
    "links.duplicate_of": "duplicate ID --of ID2",
}
"""Fields that a guard or a clock relies on, and the command that changes each by its rules."""


def new_report(policy: Policy, moment: Moment, number: int, facts: Mapping[str, Any], action: str = "new") -> Report:
    """Return a report in state `new`.

    `number` is random and makes the id. `facts` are nested as in a file, without what this function fills in.
    Raises UsageError that names the first fact that is absent or not allowed.
    """
    received = facts["source"].get("received_at") or moment.at
    day = received.date() if 2000 <= received.year <= 2099 else moment.at.date()
    story = facts["story"]
    draft = {
        "schema": SCHEMA,
        "id": report_id(policy.prefix, day, number % _ID_NUMBERS),
        "state": State.NEW,
        "severity": policy.default_severity,
        "story_sha256": seal(story),
        **given(facts),
        "source": {
            "received_at": received,
            "recorded_at": moment.at,
            "recorded_by": moment.by,
            **given(facts["source"]),
        },
        "events": [event(action, moment, None, State.NEW, {}, None)],
    }
    report = build(Report, **draft)
    _require_zone(report.customer)
    return report


def _require_zone(customer: Customer) -> None:
    """Raise UsageError for a time zone that is not known: messages would name their times in UTC, unnoticed."""
    from zoneinfo import ZoneInfo

    if customer.timezone is None:
        return
    try:
        ZoneInfo(customer.timezone)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"customer.timezone is {customer.timezone!r}: no time zone known here; write one like Europe/Berlin"
        ) from None


def is_reachable(customer: Customer) -> bool:
    """Whether we know whom to answer."""
    return bool(customer.name or customer.contact or customer.anonymous)


def add_files(draft: Report, files: Sequence[tuple[str, bytes]], kind: str | None, partial: bool) -> dict[str, bytes]:
    """Record files as attachments of the draft and return their contents by safe name."""
    stored: dict[str, bytes] = {}
    for name, content in files:
        safe = safe_name(name, [known.file for known in draft.attachments])
        draft.attachments.append(
            build(
                Attachment,
                id=next_item_id("A", [known.id for known in draft.attachments]),
                file=safe,
                kind=kind or kind_of(safe),
                sha256=hashlib.sha256(content).hexdigest(),
                bytes=len(content),
                partial=partial or None,
            )
        )
        stored[safe] = content
    return stored


def attach(files: Sequence[tuple[str, bytes]], *, kind: str | None = None, partial: bool = False) -> Step:
    """Add files, each as (name, content); a file whose content is there already is not added again."""
    stored: dict[str, bytes] = {}

    def edit(draft: Report, _: Moment) -> Facts:
        known = {sha for attachment in draft.attachments for sha in (attachment.sha256, attachment.original_sha256)}
        fresh = [(name, content) for name, content in files if hashlib.sha256(content).hexdigest() not in known]
        before = len(draft.attachments)
        stored.clear()
        stored.update(add_files(draft, fresh, kind, partial))
        added = [attachment.id for attachment in draft.attachments[before:]]
        return {"attachments": added} if added else {}

    return Step("attach", edit, files=stored)


def note(text: str) -> Step:
    """Record something worth knowing in the report's history."""
    return Step("note", lambda _draft, _moment: {"text": text})


def assign(who: str) -> Step:
    """Name who works on the report."""

    def edit(draft: Report, _: Moment) -> Facts | None:
        if draft.owner == who:
            return None
        draft.owner = who
        return {"owner": who}

    return Step("assign", edit)


def ask(voice: Voice, words: Words, *, texts: Sequence[str] = (), missing: bool = False) -> Step:
    """Put questions to the customer in one message; `missing` asks for all that the form still lacks."""

    def edit(draft: Report, moment: Moment) -> Facts:
        questions: list[tuple[str | None, str]] = [(None, text) for text in texts]
        if missing:
            asked = {question.field for question in open_questions(draft)}
            lacking = [field for field in form.missing(draft) if field.name not in asked]
            language = voice.language(draft, "ask")
            questions += [(field.name, form.question_in(field, language)) for field in lacking]
        if not questions:
            if missing:
                raise UsageError("there is nothing to ask", hint=f"issuelog missing {draft.id}   shows what is missing")
            raise UsageError(
                "no question is given", hint=f"issuelog ask {draft.id} --missing   asks for what is missing"
            )
        added = []
        for field, text in questions:
            question = build(
                Question,
                id=next_item_id("Q", [known.id for known in draft.questions]),
                field=field,
                text=text,
                asked_at=moment.at,
            )
            draft.questions.append(question)
            added.append(question)
        message = voice.say(draft, moment, "ask", words.knowing(questions=listed(added)))
        draft.waiting_on = "customer"
        return {"questions": [question.id for question in added], "message": message.id}

    return Step("ask", edit)


def ask_again(voice: Voice, words: Words) -> Step:
    """Remind the customer of all questions that are open, in one message."""

    def edit(draft: Report, moment: Moment) -> Facts:
        left = open_questions(draft)
        if not left:
            raise UsageError(
                f"{draft.id} has no open question", hint=f"issuelog missing {draft.id}   shows what is known"
            )
        message = voice.say(draft, moment, "ask_chase", words.knowing(questions=listed(left)))
        draft.waiting_on = "customer"
        return {"questions": [question.id for question in left], "message": message.id}

    return Step("ask again", edit)


def answer(question: str, text: str, *, value: str | None = None, unavailable: bool = False) -> Step:
    """Record the answer to a question (by its id, or its field) and fill the field that it was asked for.

    `value` is what goes into the field where the customer's own words are no value of it; where it is `unavailable`
    they are the reason.
    """

    def edit(draft: Report, moment: Moment) -> Facts:
        open_ones = open_questions(draft)
        found = next((known for known in open_ones if question.upper() == known.id or question == known.field), None)
        if found is None:
            names = ", ".join(f"{known.id} ({known.field or 'free'})" for known in open_ones) or "none"
            raise NotFound(f"{draft.id} has no open question {question!r}; open: {names}")
        found.answered_at = moment.at
        found.answer = text
        if unavailable:
            if found.field not in form.BY_NAME:
                raise UsageError(f"{found.id} asks for no field, and --unavailable is said of one")
            draft.intake.unavailable[found.field] = text
        elif found.field and found.field in form.BY_NAME and found.field != "attachments":
            path = ".".join(form.BY_NAME[found.field].path)
            try:
                assign_fields(draft, {path: value or text})
            except UsageError as error:
                raise UsageError(error.message, hint=_ANSWERED_OTHERWISE) from None
        if len(open_ones) == 1 and draft.waiting_on == "customer":
            draft.waiting_on = None
        return {"question": found.id}

    return Step("answer", edit)


def set_fields(changes: Mapping[str, str]) -> Step:
    """Set fields by path (`intake.environment.os`, `attempts.R1.note`), an empty value removes one."""

    def edit(draft: Report, _: Moment) -> Facts | None:
        before = draft.model_copy(deep=True)
        for question in open_questions(draft):
            if any(path.startswith(f"questions.{question.id}.answer") for path in changes):
                raise UsageError(f"{question.id} is open", hint=f"issuelog answer {draft.id} {question.id} TEXT")
        assign_fields(draft, changes)
        if "customer.timezone" in changes:
            _require_zone(draft.customer)
        return {"fields": sorted(changes)} if draft != before else None

    return Step("set", edit)


def assign_fields(draft: Report, changes: Mapping[str, str]) -> None:
    """Set fields of the draft by path; raises UsageError for a field that is not there, sealed or mistyped."""
    data = draft.model_dump(by_alias=True, exclude_none=True)
    for path, value in changes.items():
        parts = path.split(".")
        if parts[0] in SEALED:
            raise UsageError(
                f"{parts[0]} is not set by hand", hint="the commands that change it are in: issuelog --help"
            )
        if path in OWN_COMMAND:
            raise UsageError(f"{path} is not set by hand", hint=f"issuelog {OWN_COMMAND[path]}")
        _put(data, Report, parts, value, path)
    typed = build(Report, **data)
    for name in Report.model_fields:
        setattr(draft, name, getattr(typed, name))


def _put(data: Any, model: Any, parts: Sequence[str], value: str, path: str) -> None:
    """Set one value in nested data, as the models along the path allow."""
    name, rest = parts[0], parts[1:]
    if isinstance(data, list):
        item = next((item for item in data if isinstance(item, dict) and item.get("id") == name), None)
        if item is None or not rest:
            known = ", ".join(str(item.get("id")) for item in data if isinstance(item, dict)) or "none"
            raise UsageError(f"{path}: no item {name!r}; there are: {known}")
        _put(item, _item_model(model), rest, value, path)
        return
    fields = _fields_of(model)
    if fields is not None and name not in fields:
        raise UsageError(f"{path}: there is no field {name!r}; there are: {', '.join(sorted(fields))}")
    kind = fields[name] if fields else None
    if rest:
        _put(data.setdefault(name, {}), kind, rest, value, path)
    elif not value:
        data.pop(name, None)
    elif _is_list(kind) or isinstance(data.get(name), list):
        data[name] = [part.strip() for part in value.split("\n" if "\n" in value else ",") if part.strip()]
    elif isinstance(data.get(name), dict) or _fields_of(kind) is not None:
        raise UsageError(f"{path} is a section; name one of its fields")
    else:
        data[name] = value


def _fields_of(model: Any) -> dict[str, Any] | None:
    fields = getattr(model, "model_fields", None)
    if fields is None or getattr(model, "__name__", "") == "Environment":
        return None
    return {field.alias or name: field.annotation for name, field in fields.items()}


def _item_model(kind: Any) -> Any:
    return kind.__args__[0] if _is_list(kind) else None


def _is_list(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is list
