"""Names for files that strangers named: safe in any folder, and telling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

MAX_BYTES = 120
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_KINDS = {
    "screenshot": frozenset({"png", "jpg", "jpeg", "gif", "webp", "bmp", "heic", "tif", "tiff", "mp4", "mov", "webm"}),
    "log": frozenset({"log", "trace", "out", "err", "har", "evtx", "txt"}),
    "data": frozenset({"csv", "tsv", "json", "xml", "xlsx", "xls", "pdf", "yaml", "yml", "sql", "zip", "gz", "bz2"}),
}


def safe_name(name: str, taken: Collection[str] = ()) -> str:
    """Return a file name made of `name`'s last part that cannot leave its folder and is none of `taken`.

    Unique without regard to case; never empty, hidden, an option or a device's name; at most 120 bytes of UTF-8.
    """
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    kept = "".join(char if char.isalnum() or char in "._-" else "_" for char in base)
    kept = re.sub(r"_+(?=_|\.)", "", kept).lstrip("-._").rstrip("._") or "file"
    if _DEVICES.fullmatch(kept):
        kept = f"file-{kept}"
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, suffix = kept, ""
    ending = f".{suffix}" if suffix else ""
    used = {known.casefold() for known in taken}
    for number in range(1, len(used) + 2):
        tail = f"-{number}{ending}" if number > 1 else ending
        candidate = _cut(stem, MAX_BYTES - len(tail.encode())).rstrip("._") + tail
        if candidate.casefold() not in used:
            return candidate
    raise AssertionError("one more name than are taken is always free")


def _cut(stem: str, size: int) -> str:
    return stem.encode()[:size].decode(errors="ignore")


def kind_of(name: str) -> str:
    """Return what kind of attachment a name promises: screenshot, log, data or other."""
    suffix = name.rpartition(".")[2].lower()
    return next((kind for kind, suffixes in _KINDS.items() if suffix in suffixes), "other")
