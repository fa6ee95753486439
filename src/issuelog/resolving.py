"""Repairing what git merged without knowing what a report is: files left in conflict, and lines mixed up."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from issuelog.checks import MERGE_FAULTS, check_file
from issuelog.errors import Conflict, InvalidFile
from issuelog.merging import Settling, Versions, common_version, is_valid, merged_file
from issuelog.model.step import Moment
from issuelog.snapshot import Plan, Snapshot
from issuelog.store.files import read_regular, remove_durably, write_durably
from issuelog.tracker import Tracker
from issuelog.transaction import Transaction, exclusive
from issuelog.vcs.message import CommitMessage
from issuelog.vcs.sharing import Sharing, stages


@dataclass
class Resolved:
    """What was repaired, in words; the commits that it took; what a person has to do yet, by path."""

    notes: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    next: str | None = None


class Resolving:
    """Repairs one work tree."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.repository = tracker.repository
        self.git = tracker.repository.git
        self.objects = tracker.repository.objects
        self.sharing = Sharing(tracker.repository)

    def run(self, moment: Moment) -> Resolved:
        """Settle what git left in conflict, and finish its merge where nothing else is; else mend what it mixed up."""
        done = Resolved()
        with exclusive(self.repository, self.tracker.say):
            unmerged = self._unmerged()
            if unmerged or self.repository.busy:
                self._settle(unmerged, done)
                return done
        for path in self._damaged():
            self._mend(path, moment, done)
        return done

    def _unmerged(self) -> dict[str, Versions]:
        return {
            path: Versions.of(entries, self.objects)
            for path, entries in stages(self.git.run("ls-files", "--unmerged", "-z", "--full-name")).items()
        }

    def _damaged(self) -> list[str]:
        """Return the reports and known errors that are as no command would leave them, by path from the root."""
        layout = self.tracker.layout
        paths = [*(Path(one.path) for one in layout.files()), *layout.known_error_files()]
        return [
            layout.relative(path)
            for path in paths
            if any(problem.rule in MERGE_FAULTS for problem in check_file(self.tracker, path))
        ]

    def _settle(self, unmerged: dict[str, Versions], done: Resolved) -> None:
        inside = {shown: one for path, one in unmerged.items() if (shown := self.tracker.from_repository(path))}
        by_hand = [path for path, one in inside.items() if self._is_settled_by_hand(path, one)]
        settled = Settling(self.tracker.layout, self._on_disk).run(
            {path: one for path, one in inside.items() if path not in by_hand}
        )
        settled.left |= {
            path: f"it looks settled by hand: git add it, or git checkout -m -- {path}" for path in by_hand
        }
        done.notes += settled.notes
        files = dict(settled.files)
        for path in self._damaged():
            if path not in files and path not in settled.left:
                files |= self._merged_again(path, done)
        self._write(files)
        left = {self.tracker.in_repository(path): why for path, why in settled.left.items()}
        done.left |= {path: left.get(path, "both sides changed it") for path in self._unmerged()}
        what = self.repository.busy
        if not what or what == "bisect":
            return
        if done.left:
            done.next = f"settle {', '.join(done.left)}, git add, git {what} --continue"
        elif what == "merge":
            self.git.run("commit", "--quiet", "--no-edit")
            done.commits.append(str(self.objects.head().commit))
        else:
            done.next = f"git {what} --continue"

    def _is_settled_by_hand(self, path: str, versions: Versions) -> bool:
        """Whether a person has made a valid report of a conflict already."""
        content = self._on_disk(path)
        layout = self.tracker.layout
        if content is None or not (layout.is_report(path) or layout.is_known_error(path)):
            return False
        return content not in (versions.base, *versions.sides) and is_valid(content, path)

    def _merged_again(self, path: str, done: Resolved) -> dict[str, bytes]:
        """Return the file merged from the two sides of the merge that goes on, empty where they do not help."""
        found = self.git.attempt("rev-parse", "--verify", "--quiet", "MERGE_HEAD").stdout.decode().split()
        merged = self._merge_of(path, str(self.objects.head().commit), found[0]) if len(found) == 1 else None
        if merged is None:
            done.left[self.tracker.in_repository(path)] = "it is no valid report"
            return {}
        done.notes.append(f"{path} is merged again")
        return {path: merged}

    def _write(self, files: dict[str, bytes | None]) -> None:
        """Put files in place, on the disk and in the index."""
        for path, content in files.items():
            target = self.repository.writable(self.tracker.in_repository(path))
            if content is None:
                remove_durably(target)
            else:
                write_durably(target, content)
        if files:
            paths = [self.tracker.in_repository(path) for path in files]
            self.git.run("add", "--all", "--force", "--sparse", "--", *paths)

    def _mend(self, path: str, moment: Moment, done: Resolved) -> None:
        """Make the merge that spoiled a report again, as a commit of its own."""
        shown = self.tracker.in_repository(path)
        spoiled = self._spoiled_by(shown)
        merged = self._merge_of(path, *spoiled) if spoiled else None
        if merged is None:
            done.left[shown] = f"no merge spoiled it: issuelog edit {path}"
            return
        name = self.tracker.layout.root.joinpath(path).stem

        def decide(snapshot: Snapshot) -> Plan:
            snapshot.require_untouched(shown)
            return Plan({shown: merged}, CommitMessage(name, "repair merge"), moment.by)

        committed = Transaction(self.repository, self.tracker.say).run(decide)
        if committed:
            done.commits.append(committed.commit)
            done.notes.append(f"{name} is merged again")
        else:
            done.left[shown] = f"merging it again changes nothing: issuelog edit {name}"

    def _spoiled_by(self, shown: str) -> tuple[str, str] | None:
        """Return the two sides of the merge that spoiled a file, None where no merge did."""
        for row in self.git.line("rev-list", "--full-history", "--parents", "HEAD", "--", shown).splitlines():
            commit, *parents = row.split()
            there, *before = self.objects.read([f"{one}:{shown}" for one in (commit, *parents)])
            if there is None or is_valid(there.content, self._named(shown)):
                continue
            if len(parents) != 2:
                return None  # a hand did it, or has gone on from what a merge did
            if all(one and is_valid(one.content, self._named(shown)) for one in before):
                return parents[0], parents[1]
        return None

    def _named(self, path: str) -> str:
        return str(self.tracker.from_repository(path))

    def _merge_of(self, path: str, ours: str, theirs: str) -> bytes | None:
        """Return the merge of one report's versions in two commits, None where they are no two versions of one."""
        shown = self.tracker.in_repository(path)
        past = self.sharing.past(ours, theirs)
        mine, other, *before = (
            stored.content if stored else None
            for stored in self.objects.read([f"{commit}:{shown}" for commit in (ours, theirs, *past)])
        )
        if mine is None or other is None:
            return None
        try:
            return merged_file(common_version(path, before) or b"", mine, other, path).content
        except (InvalidFile, Conflict):
            return None

    def _on_disk(self, path: str) -> bytes | None:
        return read_regular(self.tracker.layout.root / path)
