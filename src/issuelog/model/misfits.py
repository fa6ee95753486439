"""What does not go together in a policy whose settings are each well formed, and in which of them it lies.

Only asked where a policy does not hold: `Policy` itself refuses it, but as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import available_timezones

from issuelog.model.faults import did_you_mean
from issuelog.model.policy import ENDLESS, ROUND_THE_CLOCK, CalendarRule, Policy, SomeTargets, is_endless

Misfit = tuple[tuple[str | int, ...], str]
"""Where it lies, and the end of a sentence that begins with that place."""


def misfits(data: Mapping[str, Any]) -> Iterator[Misfit]:
    """Yield what is wrong with the data of a policy of which `Policy` finds fault with no single field."""
    calendars: Mapping[str, Any] = data.get("calendars", {name: {} for name in Policy().calendars})
    for name, rule in calendars.items():
        for key, words in _of_calendar(rule):
            yield ("calendars", name, key), words
    found = [misfit for place, spans in _targets(data) for misfit in _of_targets(place, spans, calendars)]
    yield from found
    by_default = {span.calendar for _, spans in Policy().targets.items() for _, span in spans if span}
    lacking = sorted(by_default - {ROUND_THE_CLOCK, *calendars})
    if lacking and not found:
        yield ("calendars",), f"lacks {', '.join(lacking)}, which targets name by default; add it, or set those targets"


def _of_calendar(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the settings of a calendar that do not hold, each tried by itself."""
    for key, needed in {"timezone": (), "week": (), "country": (), "region": ("country",)}.items():
        if key in rule and all(other in rule for other in needed):
            words = _refusal({name: rule[name] for name in (key, *needed)})
            if words and not (needed and _refusal({name: rule[name] for name in needed})):
                yield key, f"does not hold: {words}{_close(key, rule)}"
        elif key in rule:
            yield key, f"needs {', '.join(needed)} beside it"


def _refusal(rule: Mapping[str, Any]) -> str | None:
    try:
        CalendarRule.model_validate(rule).build()
    except ValueError as error:
        return str(error)
    return None


def _close(key: str, rule: Mapping[str, Any]) -> str:
    return did_you_mean(rule[key], available_timezones()) if key == "timezone" else ""


def _targets(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield the targets that the data has for a severity, and where."""
    for severity, spans in data.get("targets", {}).items():
        yield ("targets", severity), spans
    for number, agreement in enumerate(data.get("policies", [])):
        for severity, spans in agreement.get("targets", {}).items():
            yield ("policies", number, "targets", severity), spans


def _of_targets(
    place: tuple[str | int, ...], spans: Mapping[str, Any], calendars: Mapping[str, Any]
) -> Iterator[Misfit]:
    """Yield the targets whose calendar is not there, or in which they take too long."""
    known = [ROUND_THE_CLOCK, *calendars]
    for clock, span in SomeTargets.model_validate(spans):
        if span and span.calendar in calendars and not _refusal(calendars[span.calendar]):
            if is_endless(span, CalendarRule.model_validate(calendars[span.calendar]).build()):
                yield (*place, clock), f"is {span}, which {ENDLESS}"
        elif span and span.calendar not in known:
            listed = f"; there are {', '.join(known)}"
            words = f"names the calendar {span.calendar!r}, which is not there"
            yield (*place, clock), words + (did_you_mean(span.calendar, known) or listed)
