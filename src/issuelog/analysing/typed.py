"""What was typed into the document of an analysis, as an analysis: numbered, validated, all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Known
from dataclasses import replace
from operator import attrgetter
from typing import Any

from pydantic import BaseModel, ValidationError

from issuelog.errors import InvalidFile, Problem
from issuelog.model.faults import did_you_mean
from issuelog.model.identifier import next_item_id
from issuelog.model.report import Action, Cause, Detection, Factor, NotDone, Rca, Recurrence, TimelineEntry, Why
from issuelog.store.documents import to_data
from issuelog.store.places import Location, problems_of, spoken
from issuelog.store.yamlfile import Data, Mapping, decode, parse

OF_COMMANDS = ("status", "reviewer", "accepted_at")
"""What commands say of an analysis, and of a measure."""
OF_ACTIONS = ("status", "evidence", "closed_at", "checks")
_PREFIX = {"timeline": "L", "causes": "C", "whys": "W", "factors": "F", "actions": "A", "not_done": "N"}
_PARTS: Known[str, type[BaseModel]] = {
    **{"timeline": TimelineEntry, "causes": Cause, "whys": Why, "factors": Factor, "actions": Action},
    **{"not_done": NotDone, "detection": Detection, "recurrence": Recurrence},
}
_NAMING_A_CAUSE = ("actions", "not_done")

_CHOOSE = (
    "you and somebody else wrote here: keep what holds of both, and take out the lines that begin with "
    "<<<<<<<, ======= and >>>>>>>"
)

Person = Callable[[str], str]
"""Returns the full name and mail for a short name of the policy."""


def laid_out(analysis: Rca) -> Data:
    """Return an analysis as its document has it: without what only commands say."""
    found = {name: value for name, value in to_data(analysis).items() if name not in OF_COMMANDS}
    if "actions" in found:
        found["actions"] = [
            {name: value for name, value in action.items() if name not in OF_ACTIONS} for action in found["actions"]
        ]
    return found


def read(document: bytes, shown: str) -> Mapping:
    """Return what stands in a document. Raises InvalidFile."""
    try:
        return parse(decode(document, shown), shown)
    except InvalidFile as error:
        problems = [replace(one, message=_CHOOSE) if one.rule == "conflict" else one for one in error.problems]
        raise InvalidFile(problems) from None


def typed(edited: bytes, original: Rca, person: Person, shown: str) -> Rca:
    """Return the analysis as it was typed; what only commands say is as it was.

    Raises InvalidFile with every problem and its place in the document, which is called `shown`.
    """
    root = read(edited, shown)
    data = root.plain()
    was = to_data(original)
    typing = _Typing(root, shown, was)
    problems = [*typing.of_commands(data), *typing.twice(data), *typing.unknown(data, was)]
    _number(data, was)
    problems += [*typing.without_a_cause(data), *typing.gone(data)]
    _name(data, was, person)
    _keep(data, was)
    try:
        found = Rca.model_validate(data)
    except ValidationError as error:
        problems += problems_of(error, root, Rca, shown, "schema")
    if problems:
        raise InvalidFile(sorted(problems, key=attrgetter("line", "column")))
    return found


def is_recorded(draft: bytes, now: Rca, person: Person) -> bool:
    """Whether an analysis says already what a draft says, under whatever ids."""
    try:
        said = typed(draft, now, person, "the draft")
    except InvalidFile:
        return False
    return bool(_nameless(laid_out(said)) == _nameless(laid_out(now)))


def _nameless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _nameless(item) for key, item in value.items() if key != "id"}
    return [_nameless(item) for item in value] if isinstance(value, list) else value


def _rows(data: Any, name: str) -> Iterator[tuple[int, Data]]:
    """Yield the items of a list that are mappings, whatever else was typed there."""
    items = data.get(name) if isinstance(data, dict) else None
    yield from (
        (number, item) for number, item in enumerate(items if isinstance(items, list) else ()) if isinstance(item, dict)
    )


def _by_id(data: Known[str, Any], name: str) -> dict[str, Data]:
    return {str(item["id"]): item for _, item in _rows(data, name) if item.get("id")}


def _number(data: Data, was: Known[str, Any]) -> None:
    """Give every new item an id that none has, and none had when the document was opened."""
    for name in _PREFIX.keys() & data.keys():
        known = _by_id(was, name)
        taken = {*known, *_by_id(data, name)}
        for _, item in _rows(data, name):
            if not item.get("id"):
                item["id"] = next_item_id(_PREFIX[name], taken)
                taken.add(item["id"])
            _number(item, known.get(str(item["id"]), {}))


def _name(data: Data, was: Known[str, Any], person: Person) -> None:
    """Write people whom the policy calls by a short name in full, as every command does."""
    known = _by_id(was, "actions")
    for item, before in ((data, was), *((one, known.get(str(one.get("id")), {})) for _, one in _rows(data, "actions"))):
        owner = item.get("owner")
        if isinstance(owner, str) and owner != before.get("owner"):
            item["owner"] = person(owner)


def _keep(data: Data, was: Known[str, Any]) -> None:
    """Put back what only commands say."""
    data |= {name: was[name] for name in OF_COMMANDS if name in was}
    known = _by_id(was, "actions")
    for _, action in _rows(data, "actions"):
        before = known.get(str(action.get("id")), {})
        action |= {name: before[name] for name in OF_ACTIONS if name in before}


class _Typing:
    """The document as it was typed, with its places, and the analysis that it was laid out from."""

    def __init__(self, root: Mapping, shown: str, was: Known[str, Any]) -> None:
        self.root = root
        self.shown = shown
        self.was = was

    def problem(self, place: Location, rule: str, said: str) -> Problem:
        *above, name = place
        node = self.root.at(tuple(above))
        node = node.key(name) if isinstance(node, Mapping) and isinstance(name, str) else self.root.at(place)
        return Problem(self.shown, node.line + 1, node.column + 1, rule, said)

    def of_commands(self, data: Data) -> Iterator[Problem]:
        """Yield what only commands say and was typed."""
        for name in OF_COMMANDS:
            if name in data:
                yield self.problem((name,), "sealed", f"{name} is not set by hand; issuelog rca accept does")
        for number, action in _rows(data, "actions"):
            for name in OF_ACTIONS:
                if name in action:
                    said = f"{name} of a measure is not set by hand; issuelog actions done does"
                    yield self.problem(("actions", number, name), "sealed", said)

    def twice(self, data: Data, above: Location = ()) -> Iterator[Problem]:
        """Yield the items of one list that have the same id."""
        for name in _PREFIX.keys() & data.keys():
            seen: set[str] = set()
            for number, item in _rows(data, name):
                identifier = str(item.get("id") or "")
                place = (*above, name, number)
                if identifier and identifier in seen:
                    yield self.problem(place, "ids", f"{spoken((*above, name))} has {identifier} twice")
                seen.add(identifier)
                yield from self.twice(item, place)

    def unknown(
        self, data: Data, was: Known[str, Any], model: type[BaseModel] = Rca, above: Location = ()
    ) -> Iterator[Problem]:
        """Yield the keys that an analysis does not have, and did not have before: what was meant would be lost."""
        known = model.model_fields
        for name in data.keys() - known.keys() - was.keys():
            close = did_you_mean(name, known) or f"; there are: {', '.join(known)}"
            yield self.problem((*above, name), "unknown_key", f"{spoken((*above, name))} is not known{close}")
        for name in known.keys() & _PARTS.keys() & data.keys():
            if name not in _PREFIX and isinstance(data[name], dict):
                yield from self.unknown(data[name], was.get(name, {}), _PARTS[name], (*above, name))
            before = _by_id(was, name)
            for number, item in _rows(data, name):
                yield from self.unknown(item, before.get(str(item.get("id")), {}), _PARTS[name], (*above, name, number))

    def without_a_cause(self, data: Data) -> Iterator[Problem]:
        """Yield the items that name a cause which is not there, unless they did before."""
        there = _by_id(data, "causes")
        missing = {*_by_id(self.was, "causes")} - {*there}
        for name in _NAMING_A_CAUSE:
            before = _by_id(self.was, name)
            for number, item in _rows(data, name):
                cause = item.get("cause")
                as_before = before.get(str(item.get("id")), {}).get("cause") == cause
                if isinstance(cause, str) and cause not in there and (cause in missing or not as_before):
                    said = f"names the cause {cause!r}; there are: {', '.join(there) or 'none'}"
                    yield self.problem((name, number, "cause"), "reference", f"{spoken((name, number))} {said}")

    def gone(self, data: Data) -> Iterator[Problem]:
        """Yield the measures that have ended and were taken out."""
        left = _by_id(data, "actions")
        for identifier, action in _by_id(self.was, "actions").items():
            status = action.get("status", "open")
            if status != "open" and identifier not in left:
                yield self.problem(("actions",), "actions", f"action {identifier} is {status}; it stays")
