"""Whether an error that was fixed is back: what an earlier report or known error of the same signature has to offer.

A version decides. At or after that with the fix the error is back; before it the fix is what the customer needs. Where
the versions cannot be compared that is said, and nothing is claimed.
"""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from issuelog.model.identifier import is_known_error_id
from issuelog.model.signature import Signature
from issuelog.model.text import fold
from issuelog.model.versions import covers, has_fix, version_key

Kind = Literal["recurrence", "fixed", "open", "known", "unknown"]

_OPEN = frozenset({"new", "acknowledged", "reproduced"})
_SOLVED = frozenset({"", "fixed"})
"""How a report ended that was solved; one that is not closed says nothing of it yet."""
_ORDER: tuple[Kind, ...] = ("recurrence", "fixed", "open", "known", "unknown")
_TO_TRY: frozenset[Kind] = frozenset({"fixed", "known", "unknown"})
_MOST = 500
"""So many earlier reports of one signature are looked at, the newest first."""
_KNOWN_ERRORS_OFFERED = 3

_COLUMNS = "report.id, state, resolution, report.product, fixed_in, contact, customer, received, compared.version"
_SAME = "loose IN (SELECT value FROM json_each(:loose))"
_EXACT = "max(signature IN (SELECT value FROM json_each(:exact)))"
_REPORTS = f"""
SELECT {_COLUMNS}, {_EXACT}, report.number FROM signature JOIN report USING (number) LEFT JOIN compared USING (number)
WHERE {_SAME} GROUP BY report.number ORDER BY received DESC, report.id DESC LIMIT {_MOST}
"""  # noqa: S608
_ORIGINALS = f"""
SELECT {_COLUMNS}, 0, report.number FROM report LEFT JOIN compared USING (number)
WHERE report.id IN (
    SELECT ref FROM outcome WHERE outcome = 'duplicate' AND number IN (SELECT value FROM json_each(?)))
"""  # noqa: S608
_KNOWN = f"""
SELECT item, {_EXACT} FROM signature JOIN known_error USING (number)
WHERE {_SAME} GROUP BY known_error.number ORDER BY known_error.id DESC
"""  # noqa: S608
_JUDGED = "SELECT ref, outcome FROM outcome WHERE number = ? ORDER BY at, rowid"


@dataclass(frozen=True)
class Earlier:
    """An earlier report or known error of the same signature; `is_exact` where it has the same stack trace too.

    Of a report `is_ours` says that it came from the same customer, and `is_later` that it came after the new one;
    `version` is where it shows. A known error has no state; `affected` and `sources` are of it. `is_tried` says that
    the new report has tried it, and whether that worked is on record.
    """

    ref: str
    state: str | None
    product: str | None
    fixed_in: str | None
    is_exact: bool = True
    is_ours: bool = False
    is_later: bool = False
    version: str | None = None
    affected: str | None = None
    sources: tuple[str, ...] = ()
    is_tried: bool = False


@dataclass(frozen=True)
class Offer:
    """What an earlier one means for a new report: a sentence, and the command that acts on it.

    `recurrence`: it was fixed, and is back. `fixed`: it was fixed in a later version. `open`: it is not solved yet.
    `known`: there is help that no version restricts. `unknown`: it was fixed, and where cannot be compared.
    """

    ref: str
    kind: Kind
    fixed_in: str | None
    why: str
    command: str

    def data(self) -> dict[str, str | None]:
        """Return it as JSON has it."""
        return {
            "ref": self.ref,
            "kind": self.kind,
            "fixed_in": self.fixed_in,
            "why": self.why,
            "command": self.command,
        }


def offers(
    connection: sqlite3.Connection,
    signatures: Sequence[Signature],
    version: str | None,
    product: str | None,
    exclude: str | None = None,
) -> list[Offer]:
    """Return what the index offers to a report with these signatures; `exclude` is its id, once it has one.

    What has no id is no report that a command could act on: there is the earlier one to look at.
    """
    told = judge(earlier(connection, signatures, exclude), version, product, exclude or "")
    return told if exclude else [replace(offer, command=_look(offer.ref)) for offer in told]


def judge(found: Iterable[Earlier], version: str | None, product: str | None, new: str) -> list[Offer]:
    """Return one offer of each kind that the reports of the same product make, and those of the known errors.

    Where the same was fixed once more in a later version, it is not back in this one. What was tried is not offered
    again, and no open report from the other side of a fix. What cannot be told is told only where nothing else is.
    """
    ours = fold(product or "")
    same = [one for one in found if not ours or not one.product or fold(one.product) == ours]
    same = [one for one in same if not (one.is_later and one.state in _OPEN)]  # that is for the later one to say
    fixes = {one.fixed_in for one in same if one.fixed_in and one.state not in _OPEN}
    same = [one for one in same if one.state not in _OPEN or not _is_parted(one.version, version, fixes)]
    same.sort(key=lambda one: (not one.is_exact, not one.is_ours))
    by_kind: dict[Kind, list[Earlier]] = {}
    for one in same:
        by_kind.setdefault(_kind(one, version), []).append(one)
    again = {one.is_exact for one in by_kind.get("fixed", ())}
    back = [one for one in by_kind.pop("recurrence", ()) if not again or (one.is_exact and True not in again)]
    by_kind |= {"recurrence": back} if back else {}
    if by_kind.keys() & {"recurrence", "fixed", "known"}:
        by_kind.pop("unknown", None)
    for kind in _TO_TRY & by_kind.keys():
        by_kind[kind] = [one for one in by_kind[kind] if not one.is_tried]
    told = [_offer(kind, one, version, new) for kind in _ORDER for one in _best(kind, by_kind.get(kind, ()))]
    return list({(offer.kind, offer.ref): offer for offer in told}.values())


def _is_parted(one: str | None, other: str | None, fixes: Iterable[str]) -> bool:
    """Whether one of two versions has a fix that the other has not: what shows in both is not the same then."""
    if not one or not other:
        return False
    return any({has_fix(one, fix), has_fix(other, fix)} == {True, False} for fix in fixes)


def _kind(one: Earlier, version: str | None) -> Kind:
    if one.state in _OPEN:
        return "open"
    if not one.fixed_in:
        return "unknown" if one.state else "known"
    has_it = has_fix(version, one.fixed_in) if version else None
    return "unknown" if has_it is None else "recurrence" if has_it else "fixed"


def _best(kind: Kind, found: Sequence[Earlier]) -> Iterator[Earlier]:
    """Yield the one report that serves best, and some known errors: a fix is the nearest, and lost is the latest."""
    reports = [one for one in found if one.state]
    if reports:
        exact = [one for one in reports if one.is_exact] or reports
        if kind == "fixed":
            yield min(exact, key=lambda one: version_key(one.fixed_in or ""))
        elif kind == "recurrence":
            yield max(exact, key=lambda one: version_key(one.fixed_in or ""))
        elif kind == "open":
            # Of one day the first is the earliest: what follows the day in an id is chance.
            yield min(exact, key=lambda one: (not one.is_ours, one.ref.rpartition("-")[0]))
        else:
            yield exact[-1]
    known = [one for one in found if not one.state]
    sources = {one.ref for one in reports}
    yield from [one for one in known if kind != "recurrence" or not sources & {*one.sources}][:_KNOWN_ERRORS_OFFERED]


def _offer(kind: Kind, one: Earlier, version: str | None, new: str) -> Offer:
    same = "the same error" if one.is_exact else "the same error message"
    told, command = _TOLD[kind](one, version, new)
    return Offer(one.ref, kind, one.fixed_in, f"{one.ref} has {same}{told}", f"issuelog {command}")


def _look(ref: str) -> str:
    return f"issuelog {'known-error show' if is_known_error_id(ref) else 'show'} {ref}"


def _open(one: Earlier, _: str | None, new: str) -> tuple[str, str]:
    return " and is open", f"duplicate {new} --of {one.ref}"


def _back(one: Earlier, version: str | None, new: str) -> tuple[str, str]:
    told = f", which was fixed in {one.fixed_in}: it is back in {version}"
    if one.is_ours:
        evidence = shlex.quote(f"reported again as {new}")
        affected = shlex.quote(version or "")
        return told, f"reopen {one.ref} --reason recurred --affected-version {affected} --evidence {evidence}"
    fixed = one.ref if one.state else next(iter(one.sources), None)
    return told, f"set {new} links.recurrence_of={fixed}" if fixed else f"apply {new} {one.ref}"


def _fixed(one: Earlier, version: str | None, new: str) -> tuple[str, str]:
    return f", which is fixed in {one.fixed_in}: {version} is older, so offer that version", f"apply {new} {one.ref}"


def _known(one: Earlier, version: str | None, new: str) -> tuple[str, str]:
    of_others = one.affected and version and covers(one.affected, version) is False
    where = f" in other versions, {one.affected}" if of_others else ""
    return f", and is known{where}: see what helps", f"apply {new} {one.ref}"


def _unknown(one: Earlier, version: str | None, new: str) -> tuple[str, str]:
    if not one.fixed_in:
        return ", and was solved; in which version is not recorded", f"apply {new} {one.ref}"
    if not version:
        return f", which was fixed in {one.fixed_in}; in which version it shows now is not known", f"missing {new}"
    told = f", which was fixed in {one.fixed_in}; whether {version} is older or newer cannot be told"
    return told, f"apply {new} {one.ref}"


_TOLD = {"open": _open, "recurrence": _back, "fixed": _fixed, "known": _known, "unknown": _unknown}


def earlier(connection: sqlite3.Connection, signatures: Sequence[Signature], exclude: str | None) -> list[Earlier]:
    """Return the reports and known errors with one of these signatures, and for a duplicate also its original.

    What somebody found not to be the same is left out. A report that is done is offered nothing.
    """
    parameters = {
        "exact": json.dumps([str(one) for one in signatures]),
        "loose": json.dumps([one.loose for one in signatures]),
    }
    rows = [_Row(*row) for row in connection.execute(_REPORTS, parameters)]
    duplicates = [row.number for row in rows if row.resolution == "duplicate"]
    if duplicates:
        rows += [_Row(*row) for row in connection.execute(_ORIGINALS, (json.dumps(duplicates),))]
    own = next((row for row in rows if row.id == exclude), None)
    if own and own.state not in _OPEN:
        return []
    judged = list(connection.execute(_JUDGED, (own.number,))) if own else []
    others = {ref for ref, outcome in judged if outcome == "rejected"}
    tried = {ref for ref, outcome in dict(judged).items() if outcome in {"worked", "failed"}}
    reports = {row.id: _report(row, own) for row in reversed(rows) if row.resolution in _SOLVED}
    known = [_known_error(json.loads(item), bool(exact)) for item, exact in connection.execute(_KNOWN, parameters)]
    found = [one for one in (*reports.values(), *known) if one and one.ref not in {*others, exclude}]
    return [replace(one, is_tried=bool({one.ref, *one.sources} & tried)) for one in found]


class _Row(NamedTuple):
    """What the index has of a report."""

    id: str
    state: str
    resolution: str
    product: str
    fixed_in: str
    contact: str
    customer: str
    received: str
    version: str | None
    exact: int
    number: int


def _report(row: _Row, own: _Row | None) -> Earlier:
    ours = {row.contact, _name(row.customer)} & {own.contact, _name(own.customer)} - {""} if own else set()
    is_later = own is not None and (row.received, row.id) > (own.received, own.id)
    return Earlier(
        row.id,
        row.state,
        row.product or None,
        row.fixed_in or None,
        bool(row.exact),
        bool(ours),
        is_later,
        row.version or None,
    )


def _name(customer: str) -> str:
    return customer.split("\n")[0]


def _known_error(item: dict[str, Any], is_exact: bool) -> Earlier | None:
    if item.get("retired_at"):
        return None
    return Earlier(
        item["id"],
        None,
        item.get("product"),
        item.get("fixed_in"),
        is_exact,
        affected=item.get("affected_versions"),
        sources=tuple(item.get("sources") or ()),
    )
