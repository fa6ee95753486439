"""Measuring other trackers: which are here, and what they take beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from bench.issues import issues
from bench.measure import Failed, Meter, Sample, TooSlow, row_of, say
from bench.peers import CHANGE, FILL_SECONDS, IMPORT, KINDS, LOOK_SECONDS, Peer, Store


@dataclass
class Peers:
    """Those that are here, those that are not, and those that were given up."""

    found: list[tuple[Peer, str]]
    missing: list[Peer]

    def __post_init__(self) -> None:
        self.given_up: dict[str, str] = {}

    @classmethod
    def look(cls, store: Store, folder: Path) -> Peers:
        """Look which are installed."""
        known = [(peer, peer.version(folder)) for peer in (kind(store) for kind in KINDS)]
        return cls(
            [(peer, version) for peer, version in known if version], [peer for peer, version in known if not version]
        )

    def measure(self, meter: Meter, folder: Path, size: int) -> None:
        """Measure all that are here with so many issues."""
        for peer, _ in self.found:
            _Trial(meter, peer, folder / f"{peer.command}-{size}", size, self.given_up).run()


@dataclass
class _Trial:
    """One peer with so many issues."""

    meter: Meter
    peer: Peer
    folder: Path
    size: int
    given_up: dict[str, str]

    def run(self) -> None:
        """Fill it and measure what is wanted."""
        looks = self.peer.looks(self.size // 2)
        wanted = [name for name in (*looks, CHANGE, IMPORT) if self.meter.wants(name, self.peer.name)]
        if not wanted:
            return
        try:
            if why := self.given_up.get(self.peer.name):
                raise Failed(why)
            imported = self._filled()
        except Failed as error:
            self.given_up[self.peer.name] = str(error)
            for name in wanted:
                self.meter.skip(name, self.size, str(error), tool=self.peer.name)
            return
        for name in wanted:
            self._measure(name, looks, imported)

    def _filled(self) -> Sample | None:
        """Fill it and return how long its own import took. Raises Failed, also where it is too slow."""
        say(f"filling {self.peer.name} with {self.size:,} issues")
        self.folder.mkdir()
        place = self.peer.place(self.folder)
        try:
            imported = self.peer.fill(place, issues(self.size))
        except TooSlow:
            raise Failed(f"filling > {FILL_SECONDS} s") from None
        try:
            found = self.peer.count(place)
        except TooSlow:
            raise Failed(f"list > {LOOK_SECONDS} s") from None
        if found != self.size:
            raise Failed(f"its list shows {found} of {self.size}")
        return imported

    def _measure(self, name: str, looks: dict[str, Sequence[str]], imported: Sample | None) -> None:
        if name == IMPORT:
            if imported:
                self.meter.rows.append(row_of(name, self.size, [imported], tool=self.peer.name))
            return
        # Another issue each time: what was changed once need not be a change again.
        numbers = cycle(range(1, self.size + 1))
        command = looks[name] if name in looks else lambda: self.peer.change(next(numbers))
        place = self.peer.place(self.folder)
        self.meter.measure(place, name, command, self.size, tool=self.peer.name, limit=LOOK_SECONDS)
