"""Reading where HEAD points without running git, in the plain case: a branch whose commit lies in a file of its own.

Every change asks for it, and starting git takes longer than all that git then does.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from issuelog.vcs.locate import Place

_BRANCH = re.compile(r"ref: (refs/heads/[\w/.@+-]+)\n?", re.ASCII)
_ID = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\n?", re.ASCII)
_MORE_THAN_A_LINE = 4096


def plain_head(place: Place) -> str | None:
    """Return the commit that HEAD names; None where git has to be asked.

    So it has to be for a detached HEAD, refs that are packed, linked or kept in tables, and commits in packs.
    """
    branch = _BRANCH.fullmatch(_line(place.git_dir / "HEAD"))
    if not branch or ".." in branch[1]:
        return None
    found = _ID.fullmatch(_line(place.common_dir / branch[1]))
    if not found:
        return None
    stored = place.common_dir / "objects" / found[1][:2] / found[1][2:]
    try:
        return found[1] if stored.stat().st_size else None
    except OSError:
        return None


def _line(file: Path) -> str:
    """Return what a small file says; nothing where it is none."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        return os.read(handle, _MORE_THAN_A_LINE).decode("ascii", "replace")
    except OSError:  # a folder
        return ""
    finally:
        os.close(handle)
