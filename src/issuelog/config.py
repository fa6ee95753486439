"""Reading the policy: the defaults, changed by the tracker's `.issuelog/config.yaml`; and the user's own settings."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, get_args

from pydantic import BaseModel, ValidationError

from issuelog.errors import InvalidFile, Problem
from issuelog.model.faults import fault, field_of
from issuelog.model.misfits import misfits
from issuelog.model.policy import Policy
from issuelog.model.user import User
from issuelog.store import yamlfile
from issuelog.store.files import read_regular
from issuelog.store.layout import CONFIG, MAX_BYTES
from issuelog.store.places import problem_at, problems_of
from issuelog.store.yamlfile import decode, parse


def load_policy(path: Path, *, over: Path | None = None, shown: str = CONFIG) -> Policy:
    """Return the policy of a file, laid over that of another; raises InvalidFile with line and column.

    A setting takes the place of the other file's as a whole.
    """
    under = _parsed(_text(over, CONFIG), CONFIG) if over else None
    base: dict[str, Any] = under.plain() if under else {}
    root = _parsed(_text(path, shown), shown)
    if root is None:
        return Policy.model_validate(base)
    data = {**base, **root.plain()}
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        problems = problems_of(error, root, Policy, shown, "config")
        if not problems:
            problems = [problem_at(root, where, words, shown, "config") for where, words in misfits(data)]
        raise InvalidFile(problems or [Problem(shown, 1, 1, "config", str(error))]) from None


def _text(path: Path, shown: str) -> str:
    return decode(read_regular(path, MAX_BYTES) or b"", shown)


def _parsed(text: str, shown: str) -> yamlfile.Mapping | None:
    """Return what a file says; None where it holds nothing but comments."""
    says = any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())
    return parse(text, shown) if says else None


USER_FILE = "issuelog/config.yaml"
"""The user's settings, under `$XDG_CONFIG_HOME` or else `~/.config`."""
ENVIRONMENT = {"ISSUELOG_MAIL_FROM": "mail.from", "ISSUELOG_PRODUCT_REPO": "product_repo"}
"""Variables that say a setting of the user's; they go before the file."""


@dataclass(frozen=True)
class UserSettings:
    """The user's settings, the file that they may stand in, and where each comes from, by its key with dots.

    That is a file with its line, a variable of the environment, or `default`.
    """

    user: User
    path: Path
    origins: Mapping[str, str]


def load_user(environment: Mapping[str, str]) -> UserSettings:
    """Return the user's own settings; raises InvalidFile, also where somebody else could have written them.

    No repository has a say: neither its files are read nor paths that are relative to it.
    """
    path = user_file(environment)
    text = decode(_read_own(path), str(path))
    root = _parsed(text, str(path))
    data: dict[str, Any] = root.plain() if root else {}
    origins = {}
    for key in _keys(User):
        parts = key.split(".")
        origins[key] = f"{path}:{root.at((*parts,)).line + 1}" if root and _has(data, parts) else "default"
    for variable, key in ENVIRONMENT.items():
        if environment.get(variable):
            _put(data, key.split("."), environment[variable])
            origins[key] = variable
    try:
        return UserSettings(User.model_validate(data), path, origins)
    except ValidationError as error:
        problems = []
        for found in error.errors(include_url=False):
            origin, node = origins.get(field_of(found), ""), root.at(found["loc"]) if root else None
            place = (node.line + 1, node.column + 1) if node else (1, 1)
            problems.append(Problem(origin if origin in ENVIRONMENT else str(path), *place, "config", _told(found)))
        raise InvalidFile(problems) from None


def _told(error: Mapping[str, Any]) -> str:
    field = field_of(error)
    if error["type"] == "value_error" and isinstance(error["input"], dict):  # parts that do not go together
        return f"{field}: {error['msg'].removeprefix('Value error, ')}"
    return f"{field} {fault(error)}"


def user_file(environment: Mapping[str, str]) -> Path:
    """Return where the user's settings are, or would be."""
    folder = Path(environment.get("XDG_CONFIG_HOME", ""))
    if not folder.is_absolute():
        folder = _home(environment) / ".config"
    return folder / USER_FILE


def _home(environment: Mapping[str, str]) -> Path:
    home = Path(environment.get("HOME", ""))
    if home.is_absolute():
        return home
    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:  # a user whom the machine does not know, as in containers
        return Path("/")


def _read_own(path: Path) -> bytes:
    """Return the bytes of a file that nobody but the user (or root) can have written; nothing where there is none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror}")
    try:  # by its descriptor all along: a file object refuses a folder in words of its own
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            _refuse(path, "it is not a regular file")
        if found.st_uid not in {os.geteuid(), 0}:
            _refuse(path, "it belongs to somebody else, and what is in it may run", hint=f"chown $(id -u) {path}")
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            _refuse(path, "others may write it, and what is in it may run", hint=f"chmod go-w {path}")
        content = os.read(handle, MAX_BYTES + 1)
    finally:
        os.close(handle)
    if len(content) > MAX_BYTES:
        _refuse(path, f"it has more than {MAX_BYTES:,} bytes")
    return content


def _refuse(path: Path, what: str, hint: str | None = None) -> NoReturn:
    raise InvalidFile([Problem(str(path), 1, 1, "config", what)], hint)


def _keys(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Yield the keys of all settings, with dots."""
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        kinds = (field.annotation, *get_args(field.annotation))
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if inner:
            yield from _keys(inner, f"{key}.")
        else:
            yield key


def _has(data: Any, parts: list[str]) -> bool:
    for part in parts:
        if not isinstance(data, dict) or part not in data:
            return False
        data = data[part]
    return True


def _put(data: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        inner = data.setdefault(part, {})
        if not isinstance(inner, dict):
            return  # it is no mapping, which the file will be told of
        data = inner
    data[parts[-1]] = value
