"""Where HEAD points, and who commits, is what git says, also where git is not asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from issuelog.errors import GitRefused
from issuelog.vcs.heads import plain_head
from issuelog.vcs.locate import locate
from issuelog.vcs.repository import Repository
from support.cli import Tracker


@pytest.fixture
def repository(tmp_path: Path) -> Tracker:
    made = Tracker.make(tmp_path / "repository", init=False)
    made.git("commit", "-q", "--allow-empty", "-m", "one")
    return made


def loose(repository: Tracker) -> Path:
    return repository.root / ".git" / "refs" / "heads" / "main"


def commit_file(repository: Tracker) -> Path:
    sha = repository.git("rev-parse", "HEAD").strip()
    return repository.root / ".git" / "objects" / sha[:2] / sha[2:]


def linked(repository: Tracker) -> None:
    target = loose(repository).with_name("other")
    loose(repository).rename(target)
    loose(repository).symlink_to("other")


def emptied(repository: Tracker) -> None:
    commit_file(repository).chmod(0o644)
    commit_file(repository).write_bytes(b"")


def a_ref_to_a_ref(repository: Tracker) -> None:
    repository.git("branch", "other")
    repository.git("symbolic-ref", "refs/heads/main", "refs/heads/other")


def a_folder(repository: Tracker) -> None:
    loose(repository).unlink()
    loose(repository).mkdir()


OTHERWISE: dict[str, Callable[[Tracker], object]] = {
    "detached": lambda made: made.git("checkout", "-q", "--detach"),
    "packed refs": lambda made: made.git("pack-refs", "--all"),
    "a packed commit": lambda made: made.git("gc", "-q", "--prune=now"),
    "a ref that names a ref": a_ref_to_a_ref,
    "a ref that is a link": linked,
    "a branch beside the branches": lambda made: made.git("symbolic-ref", "HEAD", "refs/remotes/origin/main"),
    "no commit yet": lambda made: made.git("switch", "-q", "--orphan", "new"),
    "a folder in the place of the ref": a_folder,
    "half a name": lambda made: loose(made).write_text("0123456789abcdef\n"),
    "a commit that is not there": lambda made: loose(made).write_text("0" * 39 + "1\n"),
    "a commit that is empty": emptied,
    "a name that leads elsewhere": lambda made: (made.root / ".git/HEAD").write_text("ref: refs/heads/../heads/main\n"),
}


def test_a_plain_branch_needs_no_git(repository: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = repository.git("rev-parse", "HEAD").strip()
    monkeypatch.setenv("PATH", "/nowhere")
    head = Repository.around(repository.root).objects.head()
    assert (head.commit, head.zero) == (sha, "0" * 40)


@pytest.mark.parametrize("change", OTHERWISE.values(), ids=OTHERWISE)
def test_wherever_it_is_not_plain_git_is_asked(repository: Tracker, change: Callable[[Tracker], object]) -> None:
    change(repository)
    place = locate(repository.root)
    assert place
    assert plain_head(place) is None
    said = repository.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}", check=False).strip()
    try:
        assert Repository.around(repository.root).objects.head().commit == (said or None)
    except GitRefused:
        assert not said


def test_a_linked_work_tree_has_its_own(repository: Tracker, tmp_path: Path) -> None:
    repository.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other")
    other = Tracker(tmp_path / "linked")
    other.git("commit", "-q", "--allow-empty", "-m", "two")
    found = [locate(one.root) for one in (repository, other)]
    assert [plain_head(place) for place in found if place] == [
        one.git("rev-parse", "HEAD").strip() for one in (repository, other)
    ]


def test_ids_of_sha_256_are_known(tmp_path: Path) -> None:
    made = Tracker(tmp_path)
    made.git("init", "-q", "-b", "main", "--object-format=sha256")
    made.git("commit", "-q", "--allow-empty", "-m", "one")
    place = locate(tmp_path)
    assert place
    assert plain_head(place) == made.git("rev-parse", "HEAD").strip()


NAMES = [
    "Kim",
    "Ana Reyes",
    "José Ñ.",
    "Li  Wei",
    " Kim ",
    "Kim <x>",
    "J. R. Smith, Jr.",
    "'Kim'",
    "",
    "x\ty",
    "名前",
    "-",
]
MAILS = ["kim@example.com", "<kim@example.com>", "kim", "a b@c", "", "k@e.", "k\\", "é@example.com"]


@pytest.mark.parametrize("place", ["user", "committer", "environment"])
@pytest.mark.parametrize(
    ("name", "mail"), [*((name, "kim@example.com") for name in NAMES), *(("Kim", mail) for mail in MAILS)]
)
def test_who_commits_is_whom_git_names(
    repository: Tracker, monkeypatch: pytest.MonkeyPatch, place: str, name: str, mail: str
) -> None:
    for key, value in (("name", name), ("email", mail)):
        if place == "environment":
            monkeypatch.setenv(f"GIT_COMMITTER_{key.upper()}", value)
        else:
            repository.git("config", f"{place}.{key}", value)
    said = repository.git("var", "GIT_COMMITTER_IDENT", check=False)
    found = Repository.around(repository.root)
    if said:
        assert found.identity == said[: said.rindex(">") + 1]
        return
    with pytest.raises(GitRefused, match="git does not know who you are"):
        _ = found.identity


def test_a_plain_identity_needs_no_git_of_its_own(repository: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.git("config", "user.name", "Ana Reyes")
    repository.git("config", "user.email", "ana@example.com")
    found = Repository.around(repository.root)
    assert found.settings
    monkeypatch.setenv("PATH", os.devnull)
    assert found.identity == "Ana Reyes <ana@example.com>"
