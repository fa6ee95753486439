"""History from git, through GitPython: who did what to a report, and when."""

from __future__ import annotations

from itertools import islice
from typing import Any

import git

from issuelog.model.times import iso
from issuelog.vcs.repository import Repository


def history(repository: Repository, path: str, *, limit: int | None = None) -> list[dict[str, Any]]:
    """Return the commits that touched a file or folder, the newest first, with what their trailers say.

    Keys: `at` (when it was committed), `by`, `action`, `from`, `to`, `commit`, `summary`.
    """
    repo = git.Repo(repository.top)
    try:
        if not repo.head.is_valid():
            return []
        return [_row(commit) for commit in islice(repo.iter_commits("HEAD", paths=path), limit)]
    finally:
        repo.close()


def _row(commit: git.Commit) -> dict[str, Any]:
    trailers = commit.trailers_dict

    def said(key: str) -> str | None:
        return trailers.get(f"Issuelog-{key}", [None])[0]

    return {
        "at": iso(commit.committed_datetime),
        "by": f"{commit.author.name} <{commit.author.email}>",
        "action": said("Action"),
        "from": said("From"),
        "to": said("To"),
        "commit": commit.hexsha,
        "summary": str(commit.summary),
    }
