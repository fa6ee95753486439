"""Making and filling parts of a report from what a user typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from issuelog.errors import UsageError
from issuelog.model.faults import fault, field_of

Part = TypeVar("Part", bound=BaseModel)


def given(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that were given at all."""
    return {name: value for name, value in facts.items() if value is not None and value != [] and value != ()}


def build(model: type[Part], **facts: Any) -> Part:
    """Return a part of a report; raises UsageError that names the first value that is not allowed."""
    try:
        return model.model_validate(given(facts))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"{field_of(first)} {fault(first)}") from None


def fill(part: Part, **facts: Any) -> Part:
    """Return the part with the given facts in place of what it said of them."""
    return build(type(part), **{**part.model_dump(by_alias=True, exclude_none=True), **given(facts)})
