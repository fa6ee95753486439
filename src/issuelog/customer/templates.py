"""Messages to the customer: templates with slots, built in or replaced by the tracker's own."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from issuelog.customer import overrides as own_files
from issuelog.errors import InvalidFile, Missing, Problem, SlotsMissing, UsageError

if TYPE_CHECKING:
    import jinja2
    from jinja2 import nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_DEPTH = 20

_BUILT_IN = Path(__file__).parent / "templates"
_DEFAULT = "en"
_PROMISE = "{{ next_update }}"
_RULE = "template"
_KEPT = 64
"""How many templates stay parsed: a message is asked what it lacks several times before it is filled."""

# A pulled template may be hostile, and the sandbox limits neither time nor memory: so text, slots and
# conditions, but no loops, calls or arithmetic.
_PARTS = frozenset(
    {"Template", "TemplateData", "Output", "Name", "Const", "Filter"} | {"If", "CondExpr", "Test", "And", "Or", "Not"}
)
_FILTERS = frozenset({"capitalize", "lower", "title", "trim", "upper"})
_TESTS = frozenset({"defined", "undefined"})
_TOO_DEEP = f"conditions are nested deeper than {MAX_DEPTH} levels"


@dataclass(frozen=True)
class Template:
    """The text of one kind of message in a language, and where it is from: `own` is the tracker's."""

    kind: str
    language: str
    path: Path
    text: str
    own: bool = False

    def slots(self) -> tuple[list[str], list[str]]:
        """Return the slots that the message requires and the optional ones, in the order of the text.

        A slot is optional if the template asks anywhere whether it `is defined`.
        """
        with _faults_of(self.path):
            return _slots(_parsed(self))

    def lacks(self, slots: Mapping[str, str]) -> list[str]:
        """Return the required slots for which there is nothing."""
        given = _values(slots)
        return [slot for slot in self.slots()[0] if slot not in given]

    def fill(self, slots: Mapping[str, str]) -> str:
        """Return the message, without a newline at its end.

        Values are plain text, whatever braces they hold. A blank value counts as missing; a slot that the
        template does not have is ignored, so that one set of facts serves every kind. Raises SlotsMissing.
        """
        with _faults_of(self.path):
            compiled = _compiled(self)
            absent = self.lacks(slots)
            if absent:
                raise SlotsMissing(
                    f"the {self.kind} message lacks {', '.join(absent)}", _asked(absent), self.kind, absent
                )
            return _tidy(compiled.render(_values(slots)))


def kinds() -> list[str]:
    """Return the kinds of message that have a template, sorted."""
    return sorted(path.stem for path in (_BUILT_IN / "en").glob("*.md"))


def languages(overrides: Path | None = None) -> list[str]:
    """Return the languages that have templates of their own, sorted."""
    folders = [folder for folder in (_BUILT_IN, overrides) if folder and folder.is_dir() and not folder.is_symlink()]
    names = {child.name for folder in folders for child in folder.iterdir() if child.is_dir()}
    return sorted(name for name in names if name in own_files.fallbacks(name))


def promises(kind: str) -> bool:
    """Whether a message of this kind names the time of the next word."""
    return _PROMISE in find(kind).text


def find(kind: str, language: str = _DEFAULT, overrides: Path | None = None) -> Template:
    """Return the template to use: the tracker's own from its folder `overrides`, else the built-in one.

    A language without this kind of template falls back to the one without region, then to English.
    """
    if kind not in kinds():
        raise UsageError(f"there is no message of kind {kind!r}; there are {', '.join(kinds())}")
    return next(_found(kind, language, overrides))


def slots_of(kind: str, language: str = _DEFAULT, overrides: Path | None = None) -> tuple[list[str], list[str]]:
    """Return the slots of the template to use: those that it requires, and the optional ones."""
    return find(kind, language, overrides).slots()


def render(kind: str, slots: Mapping[str, str], *, language: str = _DEFAULT, overrides: Path | None = None) -> str:
    """Return the message by the template to use, filled."""
    return find(kind, language, overrides).fill(slots)


def _asked(slots: list[str]) -> list[Missing]:
    return [
        Missing("message", f"the message needs {slot}", f"--slot {slot}=TEXT   (or --message TEXT)") for slot in slots
    ]


def _values(slots: Mapping[str, str]) -> dict[str, str]:
    values = {slot: value.strip() for slot, value in slots.items()}
    if "impact" in values:  # stands inside a sentence, which brings its own full stop
        values["impact"] = values["impact"].rstrip(".")
    return {slot: value for slot, value in values.items() if value}


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _found(kind: str, language: str, overrides: Path | None) -> Iterator[Template]:
    """Yield what exists, best first; English is built in for every kind."""
    name = f"{kind}.md"
    for each in dict.fromkeys((*own_files.fallbacks(language), _DEFAULT)):
        if overrides:
            own = own_files.read(overrides, each, name, rule=_RULE)
            if own is not None:
                yield Template(kind, each, overrides / each / name, own, own=True)
        path = _BUILT_IN / each / name
        if path.is_file():
            yield Template(kind, each, path, path.read_text("utf-8"))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    return environment


@lru_cache(maxsize=_KEPT)
def _compiled(template: Template) -> jinja2.Template:
    return _environment().from_string(_parsed(template))


@lru_cache(maxsize=_KEPT)
def _parsed(template: Template) -> nodes.Template:
    tree = _environment().parse(template.text)
    _check(tree, template.path, depth=0)
    return tree


def _check(node: nodes.Node, path: Path, depth: int) -> None:
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
def _faults_of(path: Path) -> Iterator[None]:
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


def _refuse(path: Path, line: int, message: str) -> NoReturn:
    raise InvalidFile([Problem(str(path), line, 1, _RULE, message)])
