"""Every setting in force, in one list: what it is, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from issuelog.config import load_user
from issuelog.errors import UsageError
from issuelog.model.faults import did_you_mean
from issuelog.model.policy import SomeTargets, Target, Targets
from issuelog.store import yamlfile
from issuelog.store.files import read_regular
from issuelog.store.layout import CONFIG, MAX_BYTES
from issuelog.store.places import Location, spoken
from issuelog.store.yamltext import Literal, dump, quoted
from issuelog.tracker import Tracker

DEFAULT = "default"
HIDDEN = "(not shown)"
_SECRET = "password"  # noqa: S105 - what such a key is called
_SHOWN_CLOSE = 3


@dataclass(frozen=True)
class Setting:
    """A setting: its key with dots, its value as JSON has it, and where that comes from.

    That is `default`, a file with its line, or a variable of the environment.
    """

    key: str
    value: Any
    origin: str

    @property
    def text(self) -> str:
        """The value as one would write it into the file, on one line."""
        if isinstance(self.value, list):
            return f"[{', '.join(_written(part, inside=True) for part in self.value)}]"
        return "{}" if self.value == {} else "" if self.value is None else _written(self.value)


def settings(tracker: Tracker, environment: Mapping[str, str]) -> list[Setting]:
    """Return what is in force: the tracker's policy, then the user's own. Raises InvalidFile."""
    return [*_of_policy(tracker), *_of_user(environment)]


def chosen(known: Sequence[Setting], key: str) -> list[Setting]:
    """Return the setting of this key and those below it; raises UsageError, with what may have been meant."""
    found = [one for one in known if one.key == key or one.key.startswith(f"{key}.")]
    if found:
        return found
    ending = [one.key for one in known if one.key.endswith(f".{key}")][:_SHOWN_CLOSE]
    close = f"did you mean {' or '.join(ending)}?" if ending else did_you_mean(key, _keys(known)).removeprefix("; ")
    raise UsageError(f"there is no setting {key!r}", hint=close or "issuelog config show   shows all")


def _keys(known: Sequence[Setting]) -> list[str]:
    """Return all keys, and what several begin with."""
    parts = [one.key.split(".") for one in known]
    return list(dict.fromkeys(".".join(part[: end + 1]) for part in parts for end in range(len(part))))


def _of_policy(tracker: Tracker) -> Iterator[Setting]:
    policy = tracker.policy
    content = read_regular(tracker.layout.config, MAX_BYTES) or b""
    root = yamlfile.parse(yamlfile.decode(content, CONFIG), CONFIG) if content.strip() else None
    for location, value in _leaves(policy, ()):
        line = _line(root, location) if root else None
        yield Setting(spoken(location), value, f"{CONFIG}:{line}" if line else DEFAULT)


def _of_user(environment: Mapping[str, str]) -> Iterator[Setting]:
    found = load_user(environment)
    values = {spoken(location): value for location, value in _leaves(found.user, ())}
    for key, origin in found.origins.items():
        value = values.get(key)
        is_secret = key.rpartition(".")[2].startswith(_SECRET)
        yield Setting(key, HIDDEN if is_secret and value is not None else value, origin)


def _leaves(value: Any, location: Location) -> Iterator[tuple[Location, Any]]:
    """Yield every single setting, and where it stands."""
    inner: Mapping[Any, Any] = {}
    if isinstance(value, BaseModel) and not isinstance(value, Target):
        inner = _fields(value)
    elif isinstance(value, Mapping):
        inner = value
    elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
        inner = dict(enumerate(value))
    if not inner:
        yield location, _plain(value)
    for key, part in inner.items():
        yield from _leaves(part, (*location, str(key) if isinstance(key, StrEnum) else key))


def _fields(model: BaseModel) -> dict[str, Any]:
    """Return what a model says, by the keys of the file."""
    said = {field.alias or name: getattr(model, name) for name, field in type(model).model_fields.items()}
    if not isinstance(model, SomeTargets):
        return said
    # A policy of some customers has no say in what it does not name; of the targets in full `none` is an answer.
    named = said if isinstance(model, Targets) else {key: said[key] for key in said if key in model.model_fields_set}
    return {key: "none" if value is None else value for key, value in named.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return Literal(value)
    return str(value) if isinstance(value, (Target, StrEnum)) else value


def _written(value: Any, *, inside: bool = False) -> str:
    """Return a text or a number on one line; `inside` a list the signs of a list need quotes."""
    if not isinstance(value, str):
        value = Literal(value)
    elif inside and set(value) & set(",[]{}:"):
        return quoted(value)
    lines = dump({"a": value}).removeprefix("a: ").splitlines()
    return lines[0] if len(lines) == 1 else quoted(value)


def _line(root: yamlfile.Mapping, location: Location) -> int | None:
    """Return the line on which a setting stands, from 1; None where the file does not say it."""
    node: yamlfile.Node = root
    line = 0
    for part in location:
        if isinstance(node, yamlfile.Mapping) and part in node.entries:
            key, node = node.entries[str(part)]
            line = key.line
        elif isinstance(node, yamlfile.Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            line = node.line
        else:
            return None
    return None if isinstance(node, yamlfile.Scalar) and node.absent else line + 1
