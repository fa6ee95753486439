"""Finding the commit that brought an error in: a search by halves, for errors that show in some runs only as well.

The search asks git only for the order in which commits tell most (`rev-list --bisect-all`) and keeps what it has
learned to itself. `git bisect` would keep it in refs and files of the work tree, whose state has to be read back from
sentences, and knows one run for each commit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from issuelog.errors import Refused
from issuelog.experiment.judging import Tally, Verdict, runs_needed
from issuelog.experiment.repeating import Experiment, Series
from issuelog.vcs.revisions import Commit, Revisions

_DECIDED = (Verdict.SHOWN, Verdict.SILENT)
"""At a commit whose state is sought a hit says all; and one run that says nothing says that it cannot be tried."""
_PERMUTED = 1_103_515_245, 12_345, 1 << 31


@dataclass(frozen=True)
class Step:
    """A commit that was tried: what was found there, in which runs."""

    verdict: Verdict
    series: Series

    @property
    def commit(self) -> Commit:
        """The commit."""
        return self.series.commit

    @property
    def tally(self) -> Tally:
        """How its runs went."""
        return self.series.tally

    @property
    def words(self) -> str:
        """How its runs went, in a few words."""
        if not self.tally.runs:
            return self.tally.words
        return f"{self.tally.hits:,} of {self.tally.runs:,} run{'' if self.tally.runs == 1 else 's'} with the error"

    @property
    def word(self) -> str:
        """What git calls it."""
        return {Verdict.SHOWN: "bad", Verdict.NOT_SHOWN: "good", Verdict.SILENT: "skipped"}[self.verdict]


@dataclass
class Search:
    """A search: what was tried, how often a commit had to pass to be good, and the commits that are left."""

    needed: int = 0
    verdicts: int = 0
    steps: list[Step] = field(default_factory=list)
    left: list[Commit] = field(default_factory=list)

    @property
    def first_bad(self) -> Commit | None:
        """The first commit with the error; None where those that could not be tried leave several."""
        return self.left[0] if len(self.left) == 1 else None


@dataclass(frozen=True)
class Bisection:
    """The way from a commit with the error back to one without it. `tell` hears of each step, `tick` of each run."""

    revisions: Revisions
    experiment: Experiment
    confidence: float
    repeat: int
    tell: Callable[[Step], None]
    tick: Callable[[], None]

    def run(self, good: Commit, bad: Commit) -> Search:
        """Search the first commit with the error. Raises Refused where the two are not what they have to be."""
        order = self._range(good, bad)
        search = Search(verdicts=math.ceil(math.log2(len(order))) + 1 if len(order) > 1 else 1)
        bases = [base for base in self.revisions.merge_bases(good.sha, bad.sha) if base != good.sha]
        search.verdicts += len(bases)
        seen = self._require_bad(search, bad)
        search.needed = runs_needed(seen, self.confidence, search.verdicts)
        self._require_good(search, good, "GOOD")
        for base in bases:
            self._require_good(search, self.revisions.about(base), f"{base[:10]}, from which GOOD and BAD both come,")
        left = set(self._narrow(search, [good.sha, *bases], bad.sha))
        ordered = self.revisions.oldest_first(good.sha, bad.sha) if len(left) > 1 else left
        search.left = [self.revisions.about(sha) for sha in ordered if sha in left]
        return search

    def _range(self, good: Commit, bad: Commit) -> list[str]:
        if good.sha == bad.sha:
            raise Refused(f"GOOD and BAD are the same commit, {good.short}")
        if not self.revisions.merge_bases(good.sha, bad.sha):
            hint = f"{self.revisions.fetching()}   fetches the rest of it" if self.revisions.is_shallow() else None
            raise Refused(f"GOOD ({good.short}) and BAD ({bad.short}) share no history", hint=hint)
        if self.revisions.has(good.sha, bad.sha):
            raise Refused(
                f"BAD ({bad.short}) comes before GOOD ({good.short}): this would search where the error went away",
                hint="name the revision without the error first: --bisect GOOD..BAD",
            )
        return self.revisions.between([good.sha], bad.sha)

    def _require_bad(self, search: Search, bad: Commit) -> Tally:
        """Try BAD, and return how often the error shows there."""
        step = self._try(search, bad, self.repeat, until=())
        tally = step.tally
        if tally.hits:
            return tally
        if tally.silent:
            said = step.series.last_words(Verdict.SILENT)
            raise Refused(f"BAD ({bad.short}) cannot be tried: a run said nothing ({said})")
        runs = "the run" if tally.runs == 1 else f"any of {tally.runs:,} runs"
        raise Refused(
            f"BAD ({bad.short}) does not show the error in {runs} ({step.series.last_words(Verdict.NOT_SHOWN)})",
            hint="--repeat N   tries more often; --expect-exit and --expect-output say how the error shows",
        )

    def _require_good(self, search: Search, good: Commit, name: str) -> None:
        step = self._try(search, good, search.needed, until=_DECIDED)
        if step.verdict is Verdict.NOT_SHOWN:
            return
        said = step.series.last_words(step.verdict)
        shown = f"{name} ({good.short})" if name == "GOOD" else name
        if step.verdict is Verdict.SILENT:
            raise Refused(f"{shown} cannot be tried: a run said nothing ({said})")
        what = f"shows the error too, in run {len(step.series.rows)} ({said})"
        raise Refused(f"{shown} {what}: it did not come in between", hint="name an earlier GOOD")

    def _narrow(self, search: Search, goods: Sequence[str], bad: str) -> list[str]:
        """Return the first bad commit, or all that it may be."""
        known, skipped = list(goods), set[str]()
        while True:
            *left, bad = self.revisions.between(known, bad)
            ahead = [sha for sha in left if sha not in skipped]
            if not ahead:
                return [*left, bad]
            sha = ahead[_away(len(ahead)) if len(ahead) < len(left) else 0]
            step = self._try(search, self.revisions.about(sha), search.needed, until=_DECIDED)
            if step.verdict is Verdict.SHOWN:
                bad = sha
            elif step.verdict is Verdict.NOT_SHOWN:
                known.append(sha)
            else:
                skipped.add(sha)

    def _try(self, search: Search, commit: Commit, count: int, *, until: Sequence[Verdict]) -> Step:
        series = self.experiment.at(commit, count, until=until, tick=self.tick)
        tally = series.tally
        found = Verdict.SHOWN if tally.hits else Verdict.SILENT if tally.silent else Verdict.NOT_SHOWN
        step = Step(found, series)
        search.steps.append(step)
        self.tell(step)
        return step


def _away(count: int) -> int:
    """Return which of so many to try where the best could not be tried: mostly a good one, seldom its neighbour.

    Commits that cannot be tried come in rows. By chance that is always the same, as git does it.
    """
    factor, summand, modulus = _PERMUTED
    number = (count * factor + summand) % modulus
    return int(count * (number / modulus) ** 1.5)
