"""The known error: what is known of an error that was understood once, for everybody who meets it again.

It is knowledge, and may be shown to customers: what one of them said, and who they are, has no place in it.

Annotations are not deferred here, for the reason that `report` gives.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from issuelog.model.identifier import is_known_error_id
from issuelog.model.report import MAX_TITLE, Line, ReportId, Section, Text, Time

SCHEMA = 1


def _known_error_id(value: Any) -> Any:
    if isinstance(value, str) and is_known_error_id(value):
        return value
    raise ValueError("the id of a known error looks like KE-261122-9QXA")


KnownErrorId = Annotated[str, BeforeValidator(_known_error_id)]


class Retired(Section):
    """When, by whom and why a known error was taken out of use; it stays on record."""

    at: Time
    by: Line
    because: Text


class KnownError(Section):
    """An error that was understood: how it shows, why it happens, and what helps.

    `check` tells that it is this error, `check_gone` that it is gone. `may_say` has words that look like a customer's,
    and that somebody found to be fit for everybody.
    """

    schema_: Annotated[int, Field(ge=1, le=SCHEMA)] = Field(alias="schema")
    id: KnownErrorId
    title: Annotated[Line, StringConstraints(max_length=MAX_TITLE)]
    component: Line | None = None
    product: Line | None = None
    labels: list[Line] = Field(default_factory=list)
    symptom: Text
    signature: list[Line] = Field(default_factory=list)
    affected_versions: Line | None = None
    fixed_in: Line | None = None
    cause: Text | None = None
    workaround: Text | None = None
    solution: list[Text] = Field(default_factory=list)
    check: Text | None = None
    check_gone: Text | None = None
    prevention: Text | None = None
    sources: list[ReportId] = Field(default_factory=list)
    may_say: list[Line] = Field(default_factory=list)
    published_at: Time
    published_by: Line
    reviewed_at: Time | None = None
    reviewed_by: Line | None = None
    retired: Retired | None = None

    @property
    def looked_at(self) -> datetime:
        """When somebody last said that it is right."""
        return max(self.published_at, self.reviewed_at or self.published_at)
