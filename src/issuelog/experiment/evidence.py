"""What is kept of an experiment: a text with every run and some of the output, safe to show and without secrets."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence

from issuelog.actions.experiments import Kept
from issuelog.experiment.bisecting import Search
from issuelog.experiment.judging import says_of_time
from issuelog.experiment.repeating import Experiment, Row, Series
from issuelog.experiment.running import COLOURS, TIMED_OUT
from issuelog.model.text import one_line, visible
from issuelog.redaction import find, redact

_DIGITS = 10
_LISTED = 1_000
"""So many runs are listed one by one."""


def kept(stem: str, text: str, *, partial: bool) -> Kept:
    """Return a text as a file; it is named by its content, so that two clones never mean two files by one name."""
    found = find(text)
    content = redact(text, found).encode("utf-8", "replace")
    name = f"{stem}-{hashlib.sha256(content).hexdigest()[:_DIGITS]}.log"
    return Kept(name, content, tuple(sorted(set(found.values()))), partial)


def is_partial(series: Series) -> bool:
    """Whether some of what the runs printed is not kept."""
    return len(series.outputs) < len(series.rows) or any(printed.omitted for printed in series.outputs.values())


def system() -> str:
    """Return what the machine runs, as an environment names it."""
    return " ".join(filter(None, (platform.system(), platform.release(), platform.machine())))


def head(experiment: Experiment, environment: Mapping[str, str]) -> list[str]:
    """Return the lines that say what was run, and what counted as the error."""
    taken = experiment.taken
    return [
        f"command: {_flat(experiment.command.line)}",
        *([f"files of {taken.sha}: {', '.join(map(_flat, taken.paths))}"] if taken else []),
        f"rule: {experiment.rule.words}; exit code 125 says nothing; {says_of_time(experiment.command.timeout)}",
        f"environment: {', '.join(f'{key} {_flat(value)}' for key, value in environment.items())}",
    ]


def of_series(lines: Sequence[str], series: Series) -> str:
    """Return the text of runs at one commit."""
    return "\n".join([*lines, *_series(series)]) + "\n"


def of_search(lines: Sequence[str], search: Search, confidence: float) -> str:
    """Return the text of a search: its steps, then the runs at the first bad commit, or at BAD."""
    return "\n".join([*lines, *_search(search, confidence)]) + "\n"


def _search(search: Search, confidence: float) -> Iterator[str]:
    yield said_of_runs(search, confidence)
    yield ""
    for number, step in enumerate(search.steps, 1):
        yield f"step {number}: {step.word:7} {step.commit.short}  {_flat(step.commit.subject)}  ({step.words})"
    yield ""
    yield "first bad commit:" if search.first_bad else "the first bad commit is one of these:"
    for commit in search.left:
        yield f"  {commit.sha}  {_flat(commit.author)}  {commit.at}  {_flat(commit.subject)}"
    wanted = {commit.sha for commit in search.left}
    chosen = [step for step in search.steps if step.commit.sha in wanted] or search.steps[:1]
    for step in chosen[-1:]:
        yield ""
        yield from _series(step.series)


def said_of_runs(search: Search, confidence: float) -> str:
    """Return how often a commit had to pass, and why."""
    seen = search.steps[0].tally
    if seen.hits == seen.runs:
        runs = "the run" if seen.runs == 1 else f"all {seen.runs:,} runs"
        return f"at BAD the error showed in {runs}: a commit was good after one run without it"
    low = f"{100 * seen.interval[0]:.3g} % at the least"
    return (
        f"at BAD the error showed in {100 * seen.rate:.3g} % of the runs, in {low}; a commit was good after "
        f"{search.needed:,} runs without it, so that all {search.verdicts} verdicts together hold with "
        f"{100 * confidence:g} % confidence"
    )


def _series(series: Series) -> Iterator[str]:
    yield f"commit: {series.commit.sha}  {_flat(series.commit.subject)}"
    yield f"result: {series.tally.words}"
    yield ""
    for row in series.rows[:_LISTED]:
        yield _row(row)
    if len(series.rows) > _LISTED:
        yield f"and {len(series.rows) - _LISTED:,} runs more"
    before: dict[str, int] = {}
    for number, printed in sorted(series.outputs.items()):
        text = _safe(printed.text)
        yield ""
        if text in before:
            yield f"--- output of run {number}: the same as of run {before[text]}"
            continue
        before[text] = number
        yield f"--- output of run {number}" + ("" if text else ": none")
        if text:
            yield text
    if len(series.outputs) < len(series.rows):
        yield ""
        yield f"the output of the other {len(series.rows) - len(series.outputs):,} runs was not kept"


def _row(row: Row) -> str:
    ended = f"ended after {row.seconds:.2f} s, exit code {TIMED_OUT}" if row.timed_out else f"exit code {row.code}"
    took = "" if row.timed_out else f", {row.seconds:.2f} s"
    return f"run {row.number}: {ended}{took}, {row.verdict}"


def _safe(text: str) -> str:
    """Return output without colours, and with nothing in it that a terminal would obey."""
    plain = COLOURS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return visible(plain).rstrip("\n")


def _flat(text: str) -> str:
    return one_line(text) if "\n" not in text else visible(text).replace("\n", r"\n")
