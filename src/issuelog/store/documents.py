"""What files of every kind have in common: bytes to a typed model that remembers its text, and back."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from issuelog.errors import InvalidFile, NotFound, Problem
from issuelog.model.faults import fault
from issuelog.model.times import iso
from issuelog.store.files import read_regular
from issuelog.store.layout import MAX_BYTES
from issuelog.store.yamlfile import Data, Mapping, Node, decode, parse
from issuelog.store.yamltext import Literal, dump, patch

_LONGEST_AMOUNT = 30
"""Digits of an amount that are written out."""

M = TypeVar("M", bound=BaseModel)
D = TypeVar("D", bound="Document[Any]")


@dataclass(frozen=True)
class Document(Generic[M]):
    """A model with the text that it was read from."""

    model: M
    text: str
    root: Mapping
    path: str


@dataclass(frozen=True)
class Kind(Generic[M, D]):
    """One kind of file: what its text is read as, and what helps where that cannot be."""

    model: type[M]
    document: Callable[[M, str, Mapping, str], D]
    if_absent: str
    if_unsafe: str
    """What helps where a command cannot edit the file."""

    def read(self, path: Path, shown: str) -> D:
        """Read one file; `shown` names it in messages. Raises NotFound, InvalidFile, Conflict."""
        content = read_regular(path, MAX_BYTES)
        if content is None:
            raise NotFound(f"{shown} does not exist", hint=self.if_absent)
        return self.load(content, shown)

    def load(self, content: bytes, shown: str) -> D:
        """Return what is in a file's bytes. Raises InvalidFile with every problem and its place."""
        text = decode(content, shown)
        root = parse(text, shown)
        data = root.plain()
        try:
            model = self.model.model_validate(data)
        except ValidationError as error:
            problems = [_problem(problem, root, shown) for problem in error.errors(include_url=False)]
            raise InvalidFile(problems, hint="correct it in your editor, then: issuelog check") from None
        _require_named(data["id"], root, shown)
        return self.document(model, text, root, shown)

    def new_text(self, model: M) -> bytes:
        """Return a new file."""
        return dump(to_data(model)).encode("utf-8")

    def changed_text(self, stored: D, model: M) -> bytes:
        """Return the stored file with only those lines changed in which `model` differs; read back and compared."""
        text: str = self.changed(stored, model).text
        return text.encode("utf-8")

    def changed(self, stored: D, model: M) -> D:
        """Return the same as it was read back."""
        data = to_data(model)
        content = patch(stored.text, stored.root, to_data(stored.model), data).encode("utf-8")
        try:
            read_back = self.load(content, stored.path)
            if to_data(read_back.model) == data:
                return read_back
            reason = "its layout is not one that a command can edit safely"
        except InvalidFile as error:
            # Its places are those of a text that nobody will see.
            reason = f"with this change, {error.problems[0].message}"
        raise InvalidFile([Problem(stored.path, 1, 1, "layout", reason)], hint=self.if_unsafe)


def to_data(model: BaseModel) -> Data:
    """Return a model as a file holds it: known fields in the schema's order, then unknown keys; nothing empty."""
    data: Data = {}
    for name, field in type(model).model_fields.items():
        value = _written(getattr(model, name))
        if value is not None:
            data[field.alias or name] = value
    for key, extra in (model.model_extra or {}).items():
        value = _written(extra)
        if value is not None:
            data[key] = value
    return data


def to_json(model: BaseModel) -> dict[str, Any]:
    """Return a model as JSON has it: like the file, with numbers and truth values as such."""
    data: dict[str, Any] = _pruned(model.model_dump(mode="json", by_alias=True, exclude_none=True))
    return data


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: kept for key, item in value.items() if (kept := _pruned(item)) not in ({}, [])}
    return [_pruned(item) for item in value] if isinstance(value, list) else value


def _written(value: Any) -> Any:
    """Return a value as data, None where there is nothing to write."""
    if isinstance(value, BaseModel):
        return to_data(value) or None
    if isinstance(value, MappingType):
        return {key: written for key, item in value.items() if (written := _written(item)) is not None} or None
    if isinstance(value, list):
        return [_written(item) or item for item in value] or None  # an empty item holds its place
    if isinstance(value, bool):
        return Literal("true" if value else "false")
    if isinstance(value, int):
        return Literal(str(value))
    if isinstance(value, datetime):
        return Literal(iso(value))
    if isinstance(value, Decimal):
        # A hostile exponent would fill the memory with zeros.
        return f"{value:f}" if abs(value.adjusted()) < _LONGEST_AMOUNT else str(value)
    return str(value) if isinstance(value, StrEnum) else value


def _require_named(identifier: str, root: Mapping, shown: str) -> None:
    """Raise InvalidFile where a file is not named by the id that it holds."""
    name = Path(shown).stem
    if name != identifier:
        raise InvalidFile([_place(shown, root.at(("id",)), "id", f"the file is named {name}, its id is {identifier}")])


def _problem(error: Any, root: Mapping, shown: str) -> Problem:
    """Rewrite one of pydantic's errors for a person: the field, what is wrong with it, what would be right."""
    location = tuple(part for part in error["loc"])
    node = root.at(location)
    return _place(shown, node, error["type"], f"{_spoken(location, root)} {fault(error)}")


def _spoken(location: tuple[str | int, ...], root: Mapping) -> str:
    """Return a place in a file as people say it: `attempts.R1.hits`, with an item's id for its number."""
    parts: list[str] = []
    for depth, part in enumerate(location):
        if isinstance(part, int):
            item = root.at(location[: depth + 1])
            known = item.plain().get("id") if isinstance(item, Mapping) else None
            parts.append(str(known or part + 1))
        else:
            parts.append(part)
    return ".".join(parts)


def _place(shown: str, node: Node, rule: str, message: str) -> Problem:
    return Problem(shown, node.line + 1, node.column + 1, rule, message)
