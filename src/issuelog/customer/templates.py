"""Messages to the customer: templates with slots, built in or replaced by the tracker's own."""

from __future__ import annotations

import os
import re
import stat
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from issuelog.errors import InvalidFile, Missing, Problem, Refused, UsageError

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_BYTES = 64_000
MAX_DEPTH = 20

_BUILT_IN = Path(__file__).parent / "templates"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")

# A pulled template may be hostile, and the sandbox limits neither time nor memory: so text, slots and
# conditions, but no loops, calls or arithmetic.
_PARTS = frozenset(
    {"Template", "TemplateData", "Output", "Name", "Const", "Filter"} | {"If", "CondExpr", "Test", "And", "Or", "Not"}
)
_FILTERS = frozenset({"capitalize", "lower", "title", "trim", "upper"})
_TESTS = frozenset({"defined", "undefined"})
_TOO_DEEP = f"conditions are nested deeper than {MAX_DEPTH} levels"


def kinds() -> list[str]:
    """Return the kinds of message that have a template, sorted."""
    return sorted(path.stem for path in (_BUILT_IN / "en").glob("*.md"))


def slots_of(kind: str, language: str = "en", overrides: Path | None = None) -> tuple[list[str], list[str]]:
    """Return the slots that the message requires and the optional ones, in the order of the text.

    A slot is optional if the template asks anywhere whether it `is defined`.
    """
    path, source = _find(kind, language, overrides)
    with _faults_of(path):
        return _slots(_parsed(source, path))


def render(kind: str, slots: Mapping[str, str], *, language: str = "en", overrides: Path | None = None) -> str:
    """Return the message, without a newline at its end.

    Values are plain text, whatever braces they hold. A blank value counts as missing; a slot that the
    template does not have is ignored, so that one set of facts serves every kind. `overrides` is the
    tracker's folder of templates; a language without this kind of template falls back to English.
    """
    path, source = _find(kind, language, overrides)
    values = _values(slots)
    with _faults_of(path):
        tree = _parsed(source, path)
        absent = [slot for slot in _slots(tree)[0] if slot not in values]
        if absent:
            missing = [
                Missing("message", f"the message needs {slot}", f"--slot {slot}=TEXT   (or --message TEXT)")
                for slot in absent
            ]
            raise Refused(f"the {kind} message lacks {', '.join(absent)}", missing)
        return _tidy(_environment().from_string(tree).render(values))


def _values(slots: Mapping[str, str]) -> dict[str, str]:
    values = {slot: value.strip() for slot, value in slots.items()}
    if "impact" in values:  # stands inside a sentence, which brings its own full stop
        values["impact"] = values["impact"].rstrip(".")
    return {slot: value for slot, value in values.items() if value}


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _find(kind: str, language: str, overrides: Path | None) -> tuple[str, str]:
    """Return the path and the text of the template to use."""
    if kind not in kinds():
        raise UsageError(f"there is no message of kind {kind!r}; there are {', '.join(kinds())}")
    return next(_templates(kind, language, overrides))


def _templates(kind: str, language: str, overrides: Path | None) -> Iterator[tuple[str, str]]:
    """Yield what exists, best first; English is built in for every kind."""
    primary = re.split("[-_]", language)[0].lower()
    for each in dict.fromkeys((language, primary, "en")):
        if not _LANGUAGE.fullmatch(each):
            continue
        if overrides:
            own = _read(overrides, each, f"{kind}.md")
            if own is not None:
                yield str(overrides / each / f"{kind}.md"), own
        path = _BUILT_IN / each / f"{kind}.md"
        if path.is_file():
            yield str(path), path.read_text("utf-8")


def _read(folder: Path, language: str, name: str) -> str | None:
    """Return the text of the tracker's own template, or None; links and devices are refused."""
    path = folder / language / name
    for place in (folder, path.parent, path):
        if place.is_symlink():
            _refuse(str(path), 1, f"{place.name} is a symbolic link; put a regular file in its place")
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        _refuse(str(path), 1, f"cannot be read: {error.strerror}")
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            _refuse(str(path), 1, "not a regular file")
        content = os.read(file, MAX_BYTES + 1)
    finally:
        os.close(file)
    if len(content) > MAX_BYTES:
        _refuse(str(path), 1, f"larger than {MAX_BYTES:,} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(str(path), content.count(b"\n", 0, error.start) + 1, "not UTF-8")


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    return environment


def _parsed(source: str, path: str) -> nodes.Template:
    tree = _environment().parse(source)
    _check(tree, path, depth=0)
    return tree


def _check(node: nodes.Node, path: str, depth: int) -> None:
    from jinja2 import nodes

    part = type(node).__name__
    if part not in _PARTS:
        _refuse(path, node.lineno or 1, f"a template holds text, slots and conditions, no {part.lower()}")
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        _refuse(path, node.lineno, f"no filter {node.name!r}; there are {', '.join(sorted(_FILTERS))}")
    if isinstance(node, nodes.Test) and node.name not in _TESTS:
        _refuse(path, node.lineno, f"no test {node.name!r}; there are {', '.join(sorted(_TESTS))}")
    if depth > MAX_DEPTH:
        _refuse(path, node.lineno, _TOO_DEEP)
    for child in node.iter_child_nodes():
        _check(child, path, depth + 1)


def _slots(tree: nodes.Template) -> tuple[list[str], list[str]]:
    from jinja2 import nodes

    guarded = {test.node.name for test in tree.find_all(nodes.Test) if isinstance(test.node, nodes.Name)}
    names = dict.fromkeys(name.name for name in tree.find_all(nodes.Name))
    return [name for name in names if name not in guarded], [name for name in names if name in guarded]


@contextmanager
def _faults_of(path: str) -> Iterator[None]:
    """Report what is wrong with a template as a fault of its file."""
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        yield
    except TemplateSyntaxError as error:
        _refuse(path, error.lineno, error.message or "this is no template")
    except TemplateError as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == "<template>" and frame.lineno]
        _refuse(path, lines[-1] if lines else 1, error.message or "this is no template")
    except RecursionError:
        _refuse(path, 1, _TOO_DEEP)


def _refuse(path: str, line: int, message: str) -> NoReturn:
    raise InvalidFile([Problem(path, line, 1, "template", message)])
