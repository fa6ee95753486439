"""History from git, through GitPython: who did what to a report, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import git

from issuelog.errors import GitRefused
from issuelog.model.times import iso
from issuelog.vcs.git import scrubbed_process
from issuelog.vcs.repository import Repository

_TRAILERS = ("Action", "From", "To")
_FIELDS = ("%cI", "%an <%ae>", "%H", "%s", *(f"%(trailers:key=Issuelog-{name},valueonly)" for name in _TRAILERS))


def history(repository: Repository, paths: Sequence[str], *, limit: int | None = None) -> list[dict[str, Any]]:
    """Return the commits that touched some files or folders, the newest first, with what their trailers say.

    Keys: `at` (when it was committed), `by`, `action`, `from`, `to`, `commit`, `summary`. Raises GitRefused.
    """
    head = repository.objects.head().commit
    if head is None:
        return []
    at_most = [] if limit is None else [f"--max-count={limit}"]
    options = [
        "--no-color",
        "--no-show-signature",
        "--encoding=UTF-8",
        "-z",
        f"--format=tformat:{'%x00'.join(_FIELDS)}",
    ]
    runner = git.Git(repository.top)
    runner.update_environment(GIT_LITERAL_PATHSPECS="1")
    try:
        with scrubbed_process():
            output: bytes = runner.log(*at_most, *options, head, "--", *paths, stdout_as_string=False)
    except git.GitCommandError as error:
        raise GitRefused(str(error.stderr).strip()) from None
    parts = output.decode("utf-8", "replace").split("\0")
    return [_row(parts[start : start + len(_FIELDS)]) for start in range(0, len(parts) - 1, len(_FIELDS))]


def _row(fields: Sequence[str]) -> dict[str, Any]:
    at, by, commit, summary, *trailers = fields
    action, came_from, to = (said.strip().partition("\n")[0] or None for said in trailers)
    return {
        "at": iso(datetime.fromisoformat(at)),
        "by": by,
        "action": action,
        "from": came_from,
        "to": to,
        "commit": commit,
        "summary": summary,
    }
