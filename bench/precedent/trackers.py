"""Trackers that hold a labelled set, made once through `issuelog import jsonl` and kept in the bench's cache."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count as numbers
from pathlib import Path
from random import Random

from bench import cache
from bench.measure import Place, say
from bench.precedent import labelled as format_of_sets
from bench.precedent.labelled import Labelled, LabelledSet
from bench.precedent.rivals import LIMIT
from bench.work import issuelog
from issuelog.intake import jsonl

_SOURCES = (format_of_sets, jsonl)
_WORD = re.compile(r"\w{3,}")
_AT_ONCE = 100
"""Queries that a process answers: few enough to see how far it is, enough to hide its start."""
_OTHER_WORD = 0.3
_NEW_WORD = 0.02
_WORDS_FROM = 2_000
"""Characters of a text that words are drawn from: a megabyte of a log would outweigh a thousand reports."""


@dataclass(frozen=True)
class Imported:
    """A tracker that holds a set. It is for looking, not for working in."""

    place: Place
    ids: Sequence[str]
    """The ids of the set, in its order; the tracker's own are `own`."""
    own: Sequence[str]

    @cached_property
    def theirs(self) -> dict[str, str]:
        """The set's id for each of the tracker's."""
        return dict(zip(self.own, self.ids, strict=True))

    def answers(self, queries: Sequence[str], jobs: int) -> dict[str, list[str]]:
        """Return what `precedent` answers to each query, with so many processes at work."""
        own = dict(zip(self.ids, self.own, strict=True))
        self.place.seconds([*issuelog(), "list"])  # makes the index, which each process would wait for
        shares = [[own[query] for query in queries[at : at + _AT_ONCE]] for at in range(0, len(queries), _AT_ONCE)]
        with ThreadPoolExecutor(jobs) as pool:
            return dict(one for part in pool.map(self._share, shares) for one in part)

    def _share(self, share: Sequence[str]) -> list[tuple[str, list[str]]]:
        command = [*issuelog(), "precedent", "-", "--earlier", "--ndjson", "--limit", str(LIMIT)]
        told = subprocess.run(
            command,
            input="\n".join(share),
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=self.place.folder,
            env=self.place.environment(),
            check=True,
        )
        say(f"asked for {len(share)} more")
        found = [json.loads(line) for line in told.stdout.splitlines()]
        return [(self.theirs[one["id"]], [self.theirs[hit["ref"]] for hit in one["hits"]]) for one in found]


def imported(labelled: LabelledSet) -> Imported:
    """Return a tracker with this set, made where there is none yet."""
    lines = "".join(f"{report.json_line()}\n" for report in labelled.reports)
    made = _kept() / hashlib.sha256(lines.encode()).hexdigest()[:16]
    if not made.exists():
        say(f"importing {len(labelled.reports):,} reports")
        part = made.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        (part / "ids.json").write_text(json.dumps(_import(lines, part)))
        part.rename(made)
    own = json.loads((made / "ids.json").read_text())
    return Imported(Place(made / "tracker"), [report.id for report in labelled.reports], own)


def _import(lines: str, folder: Path) -> list[str]:
    """Import a set, and return the ids that its reports have in the tracker, in the order of the lines."""
    place = Place(folder / "tracker")
    place.repository()
    place.seconds([*issuelog(), "init"])
    source = folder / "reports.jsonl"
    source.write_text(lines)
    # What the set holds is public, and a placeholder in place of what looks like a secret would change what is found.
    told = json.loads(place.output([*issuelog(), "import", "jsonl", str(source), "--allow-secret", "--json"]))
    source.unlink()
    own = [str(one["id"]) for one in told]
    if len(own) != lines.count("\n"):
        raise ValueError(f"{lines.count(chr(10)):,} reports were given, {len(own):,} imported")
    return own


def _kept() -> Path:
    """Return the folder of the trackers, without those that were imported in another way."""
    current = hashlib.sha256(cache.fingerprint().encode())
    for module in _SOURCES:
        current.update(Path(str(module.__file__)).read_bytes())
    kept = cache.folder() / "precedent"
    made = kept / current.hexdigest()[:16]
    for old in kept.glob("*"):
        if old != made:
            shutil.rmtree(old)
    return made


def sized(labelled: LabelledSet, count: int, seed: int = 1) -> LabelledSet:
    """Return a set of so many reports: the first of this one, and where it ends, varied copies of it.

    In a copy three words in ten give way to words drawn from the whole set, as often as they are there; one in fifty to
    a word that no report has. So common words stay common, and new words come up as they do in what people write.
    """
    real = labelled.reports[:count]
    return LabelledSet.of([*real, *_copies(labelled.reports, count - len(real), Random(seed))])


def _copies(reports: Sequence[Labelled], count: int, random: Random) -> Iterator[Labelled]:
    if count <= 0:
        return
    pool = [word for report in reports for word in _WORD.findall(f"{report.title} {report.body[:_WORDS_FROM]}")]
    new = (f"w{number:x}" for number in numbers(10**6))

    def varied(found: re.Match[str]) -> str:
        chance = random.random()
        if chance < _NEW_WORD:
            return next(new)
        return random.choice(pool) if chance < _OTHER_WORD else found[0]

    for number in range(count):
        copied, original = divmod(number, len(reports))
        report = reports[original]
        title, body = _WORD.sub(varied, report.title), _WORD.sub(varied, report.body)
        yield replace(report, id=f"{report.id}~{copied + 1}", title=title, body=body, duplicate_of=())


def spaced(items: Sequence[str], count: int) -> Iterable[str]:
    """Return so many of these, from all over them."""
    return (items[(2 * number + 1) * len(items) // (2 * count)] for number in range(min(count, len(items))))
