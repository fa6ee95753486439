"""The events of a report in words."""

from __future__ import annotations

from typing import Any

from issuelog.model.history import NOBODY, WAITING
from issuelog.model.report import Event
from issuelog.model.text import cell
from issuelog.model.times import iso

WORDS = {
    "new": "recorded",
    "import": "taken over from elsewhere",
    "acknowledge": "the first answer to the customer",
    "triage": "judged how much it hurts, and whom",
    "set": "facts changed",
    "edit": "facts changed in the editor",
    "note": "a note",
    "assign": "somebody took it",
    "attach": "files attached",
    "ask": "questions to the customer",
    "ask again": "a reminder of our questions",
    "answer": "a question answered",
    "received": "the customer wrote",
    "call": "a call with the customer",
    "update": "an update to the customer",
    "message send": "a message handed to the mail server",
    "precedent reject": "an earlier report that looked alike is another error",
    "apply": "an earlier solution tried",
    "apply start": "began to try an earlier solution",
    "hypothesis add": "a supposed cause",
    "hypothesis confirm": "a supposed cause confirmed",
    "hypothesis reject": "a supposed cause ruled out",
    "reproduce": "an attempt to reproduce it",
    "diagnose": "the cause named",
    "workaround": "a way to go on offered to the customer",
    "escalate": "help called in",
    "escalate back": "help came back",
    "fix": "the fix described",
    "test": "the fix tested",
    "deploy": "the fix deployed",
    "resolve": "the customer told of the fix",
    "verify request": "the customer asked whether it works",
    "verify": "whether it works for the customer",
    "monitor": "watched whether it comes back",
    "watch-log": "seen in a log again",
    "compensate": "decided on making good",
    "legal": "the legal review",
    "rca start": "the root cause analysis begun",
    "rca why": "asked why",
    "rca factor": "what contributed to it",
    "rca detect": "how it was noticed, and what should have noticed it",
    "rca walk": "what each stage of the process let pass",
    "rca recurrence": "searched for the same error in earlier reports",
    "rca tell": "what happened, written down",
    "rca action": "a measure planned",
    "rca not-done": "decided against a measure",
    "rca edit": "the root cause analysis written in the editor",
    "rca accept": "the root cause analysis accepted",
    "actions done": "a measure done",
    "actions drop": "a measure dropped",
    "actions reopen": "a measure taken up again",
    "actions check": "looked whether a measure held",
    "known-error publish": "published as a known error",
    "duplicate": "closed as a duplicate",
    "close": "closed",
    "reopen": "taken up again",
    "merge": "two versions of the report united",
}
"""What each action is called by people, without what `--as` adds to it."""
_LABELS = {
    "severity_from": "severity before",
    "severity_to": "severity",
    WAITING: "waits on",
    "against_us": "our answer was overdue",
    "sooner_than": "sooner than promised",
    "text": "",
    "fields": "",
    "stages": "",
    "refs": "",
    "rca_action": "measure",
    "rca_actions": "measures",
    "not_done": "decision",
    "matches": "found",
    "was": "it was",
    "not_same": "entry",
    "upto": "read up to",
}
_OWN = frozenset({"id", "at", "by", "action", "from", "to"})


def in_words(event: Event) -> dict[str, Any]:
    """Return an event as a timeline has it: when, who, what in words, and from which state to which."""
    return {
        "at": iso(event.at),
        "by": event.by,
        "action": event.action,
        "words": said(event),
        "from": event.from_.value if event.from_ else None,
        "to": event.to.value if event.to else None,
    }


def said(event: Event) -> str:
    """Return what happened in words, with what the event added."""
    name, _, ending = event.action.partition(" --as ")
    words = WORDS.get(name, name) + (f" as {ending.replace('_', ' ')}" if ending else "")
    facts = [_fact(key, value) for key, value in (event.model_extra or {}).items() if key not in _OWN]
    told = "; ".join(fact for fact in facts if fact)
    return f"{words} ({told})" if told else words


def _fact(key: str, value: Any) -> str:
    """Return what an event added; what is only true is said by its name."""
    label = _LABELS.get(key, key.replace("_", " "))
    text = cell(value).replace(",", ", ") if isinstance(value, list) else cell(value)
    if key == WAITING:
        return "waits on nobody any more" if text == NOBODY else f"{label} the {text}"
    if text in {"true", "True"}:
        return label
    return ": ".join(filter(None, (label, text))) if text else ""
