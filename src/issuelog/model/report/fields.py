"""What the fields of a report are: times, ids, lines, texts, and sections of them."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from issuelog.model.identifier import is_report_id
from issuelog.model.times import iso, parse_iso


def _time(value: Any) -> Any:
    return parse_iso(value) if isinstance(value, str) else value


def _report_id(value: str) -> str:
    if isinstance(value, str) and is_report_id(value):
        return value
    raise ValueError("an id looks like CR-261122-7K3M")


def _one_line(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise ValueError("it has to be one line")
    return value


def _sealed(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError("a SHA-256 is 64 hexadecimal digits in lower case")
    return value


Time = Annotated[
    datetime,
    BeforeValidator(_time),
    PlainSerializer(iso, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
ReportId = Annotated[str, BeforeValidator(_report_id)]
Sha256 = Annotated[str, BeforeValidator(_sealed)]
Line = Annotated[
    str,
    StringConstraints(min_length=1),
    AfterValidator(_one_line),
    Field(json_schema_extra={"pattern": r"^[^\r\n]*$"}),
]
ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""The id of an item: it goes into commands that people copy."""
Text = Annotated[str, StringConstraints(min_length=1)]
Count = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """A part of a report. Unknown keys are kept.

    Validators are built when first used, all in one go: built class by class they take half of a command's start-up.
    """

    model_config = ConfigDict(extra="allow", populate_by_name=True, defer_build=True)


def section() -> Any:
    """Return the default of a section: one that is absent is read from nothing, by the validator of its parent.

    That spares each section a validator of its own.
    """
    return Field(default_factory=dict, validate_default=True)
