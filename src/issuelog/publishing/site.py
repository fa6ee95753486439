"""Known errors as a folder of Markdown pages for everybody: an index, and a page for each that is in use.

What is in the pages follows from the known errors alone, so that the same ones make the same pages at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from issuelog.errors import Conflict, UsageError
from issuelog.model.identifier import is_known_error_id
from issuelog.model.known_error import KnownError
from issuelog.model.markdown import celled, inline, paragraphs
from issuelog.model.signature import parse
from issuelog.publishing.privacy import Private
from issuelog.publishing.publisher import Publishing
from issuelog.store import known_errors
from issuelog.store.files import read_regular, remove_durably, write_durably
from issuelog.tracker import Tracker

MARK = "<!-- issuelog known-error export: made anew each time, what is changed here is lost -->\n"
INDEX = "index.md"
_SUFFIX = ".md"
_NO_COMPONENT = "Other"
_SYMPTOM = 160
_SECTIONS = {
    "symptom": "Symptom",
    "check": "How to check that it is this error",
    "cause": "Cause",
    "workaround": "Workaround",
    "solution": "Solution",
    "check_gone": "How to check that it is gone",
    "prevention": "What keeps it from coming back",
}


@dataclass
class Written:
    """What became of the pages, by their names."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


class Site:
    """Writes the pages of one tracker's known errors."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker

    def write(self, folder: Path, *, dry_run: bool = False) -> Written:
        """Bring a folder up to date; pages of known errors that are gone or retired are removed.

        Raises Refused where a known error tells what is not for everybody, InvalidFile where one cannot be read,
        UsageError or Conflict where the folder has what is no earlier export; then nothing was written.
        """
        pages = self.pages()
        old = self._earlier(folder, pages)
        done = Written()
        for name, text in sorted(pages.items()):
            if old.get(name) == text:
                done.unchanged.append(name)
                continue
            done.written.append(name)
            if not dry_run:
                write_durably(folder / name, text)
        for name in sorted(old.keys() - pages.keys()):
            done.removed.append(name)
            if not dry_run:
                remove_durably(folder / name)
        return done

    def pages(self) -> dict[str, bytes]:
        """Return every page by its name."""
        used = [known for known in self._all() if not known.retired]
        publishing = Publishing(self.tracker)
        for known in used:
            found = publishing.private(known)
            if found:
                raise Private(known.id, known, found)
        pages = {f"{known.id}{_SUFFIX}": page(known) for known in used}
        return {name: (MARK + text).encode() for name, text in {INDEX: index(used), **pages}.items()}

    def _all(self) -> list[KnownError]:
        layout = self.tracker.layout
        return [known_errors.read(path, self.tracker.relative(path)).known_error for path in layout.known_error_files()]

    def _earlier(self, folder: Path, pages: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the pages of an earlier export; raises UsageError or Conflict where something else is in the way."""
        self._require_outside(folder)
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise UsageError(f"{folder} is not a folder")
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        if found and not _is_ours(folder / INDEX):
            raise UsageError(
                f"{folder} has other content, and no earlier export; nothing was written",
                hint="name a new folder, or an empty one",
            )
        names = [path.name for path in found if path.name in pages or _is_page(path)]
        foreign = next((name for name in names if not _is_ours(folder / name)), None)
        if foreign:
            raise Conflict(
                f"{folder / foreign} is no page of an earlier export; nothing was written", hint="move it away"
            )
        return {name: read_regular(folder / name) or b"" for name in names}

    def _require_outside(self, folder: Path) -> None:
        """Raise UsageError where the tracker or git keeps its own files in a folder."""
        layout = self.tracker.layout
        own = (layout.known_errors, layout.reports, layout.root / "attachments", layout.config.parent)
        target = folder.resolve()
        for kept in (*own, self.tracker.repository.place.common_dir):
            if target.is_relative_to(kept.resolve()):
                raise UsageError(f"{folder} is the tracker's own; nothing was written", hint="name another folder")


def _is_page(path: Path) -> bool:
    return path.suffix == _SUFFIX and is_known_error_id(path.stem)


def _is_ours(path: Path) -> bool:
    """Whether a file is a page of an earlier export. Raises Conflict where it is no file."""
    begin = read_regular(path, len(MARK.encode()))
    return begin is not None and begin.startswith(MARK.encode())


def index(used: Sequence[KnownError]) -> str:
    """Return the page that leads to all others: by component, the newest first."""
    parts = ["# Known errors\n"]
    if not used:
        parts.append("There are none.\n")
    by_name = sorted(used, key=_component)
    for component, group in groupby(by_name, _component):
        rows = sorted(group, key=lambda known: (known.published_at, known.id), reverse=True)
        lines = ["| error | symptom | state | published |", "| --- | --- | --- | --- |", *map(_row, rows)]
        parts.append(f"## {inline(component)}\n\n" + "\n".join(lines) + "\n")
    return "\n" + "\n".join(parts)


def _component(known: KnownError) -> str:
    return known.component or _NO_COMPONENT


def _row(known: KnownError) -> str:
    symptom = known.symptom if len(known.symptom) <= _SYMPTOM else known.symptom[: _SYMPTOM - 1].rstrip() + "…"
    link = f"[{celled(known.title)}]({known.id}{_SUFFIX})"
    return f"| {link} | {celled(symptom)} | {celled(state(known))} | {known.published_at:%Y-%m-%d} |"


def state(known: KnownError) -> str:
    """Return what a reader can hope for."""
    if known.fixed_in:
        return f"fixed in {known.fixed_in}"
    return "solved" if known.solution else "workaround" if known.workaround else "open"


def page(known: KnownError) -> str:
    """Return the page of one known error."""
    return "\n" + "\n".join(_page(known))


def _page(known: KnownError) -> Iterator[str]:
    yield f"# {inline(known.title)}\n"
    yield "".join(f"* {line}\n" for line in _facts(known))
    for name, heading in _SECTIONS.items():
        value = getattr(known, name)
        steps = [value] if isinstance(value, str) else value or []
        if not any(map(str.strip, steps)):
            continue
        said = paragraphs(value) if isinstance(value, str) else "".join(_step(*one) for one in enumerate(value, 1))
        yield f"## {heading}\n\n{said}"
    yield f"[All known errors]({INDEX})\n"


def _step(number: int, text: str) -> str:
    mark = f"{number}. "
    return mark + paragraphs(text, " " * len(mark))


def _facts(known: KnownError) -> Iterator[str]:
    """Yield the lines of a page's head, as Markdown."""
    messages = dict.fromkeys(found.error for one in known.signature if (found := parse(one)))
    yield f"Known error: {known.id}"
    for name, value in (
        ("State", state(known)),
        ("Component", known.component),
        ("Product", known.product),
        ("Affected versions", known.affected_versions),
        ("Error", "; ".join(messages)),
    ):
        if value:
            yield f"{name}: {inline(value)}"
    yield f"Published: {known.published_at:%Y-%m-%d}"
    if known.reviewed_at:
        yield f"Reviewed: {known.reviewed_at:%Y-%m-%d}"
