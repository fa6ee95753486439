"""Change fields.

Validated; an empty value removes a field. Paths are those of the file. A link has to lead to what is there.

\b
issuelog set 7K3M intake.frequency=always intake.environment.os="Debian 12"
issuelog set 7K3M labels=month-end,export
issuelog set 7K3M links.recurrence_of=2QAB
issuelog set 7K3M intake.unavailable.error_message="the customer closed the window"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session

if TYPE_CHECKING:
    from issuelog.tracker import Tracker


def set_(
    session: Session,
    report: params.Report,
    changes: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…", help="Fields by path, as in the file.")],
) -> Changes:
    """Set fields."""
    from issuelog.actions import start

    fields = session.pairs(changes, "FIELD=VALUE")
    return session.change(report, start.set_fields({**fields, **_found(session.tracker, fields)}))


def _found(tracker: Tracker, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the links among the fields, with whole ids; raises NotFound for an id that nothing has.

    What is no id may be the name of something elsewhere, and stays as it was typed.
    """
    from issuelog.model.identifier import is_known_error_id, is_report_id, normalise
    from issuelog.store import known_errors, references

    given = {name: value for name, value in fields.items() if value.strip()}
    found = {}
    if original := given.get("links.recurrence_of"):
        found["links.recurrence_of"] = tracker.find(original)
    known = given.get("links.known_error", "")
    if is_known_error_id(normalise(known)):
        found["links.known_error"] = known_errors.find(tracker.layout, known)
    if related := given.get("links.related"):
        names = [name.strip() for name in related.split("\n" if "\n" in related else ",")]
        whole = [references.find(tracker.layout, name) if is_report_id(normalise(name)) else name for name in names]
        found["links.related"] = "\n".join([*whole, ""])  # in lines: a name may have a comma
    return found
