"""Comparing version names as people write them, in whatever scheme: PEP 440, semver, Maven, dates, build numbers.

`version_key` orders any two texts. Whether their order means anything, `is_comparable` says: a date is neither before
nor after 8.10. Where the schemes contradict each other:

* A number behind a dash, `8.10.0-4711`, is a build of that release, as for Debian, RPM and Maven; semver has it before
  the release. It counts as the fourth number: `8.10 (build 4711)`, `8.10.0-4711` and `8.10.0.4711` are the same.
* What follows a plus says nothing of the order, as in semver; PEP 440 puts it after. `has_fix` does not guess.
* `dev` comes before `alpha`, and `rc` is `rc0`, as in PEP 440; semver goes by the alphabet. A SNAPSHOT comes after the
  candidates, as in Maven. A word that nobody knows comes before the release, as in semver; Maven puts it after.
* `1.0a`, `1.0b` and `1.0c` are alpha, beta and candidate, as in PEP 440; other letters come after (`1.0.2k`).
* Eight digits that are a day are that day. `26.11` is two numbers, which sort as the months do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Key = tuple[tuple[int, int, str], ...]

_PART = re.compile(r"\d+|[a-z]+")
_DEV, _PRE, _END, _POST, _NUMBER, _WORD, _EPOCH = range(7)
"""What a part does to that before it; a further word of a pre-release ranks behind a further number of it."""
# A number is its length and its digits: a hostile one has more digits than can be counted with.
_ZERO = (_NUMBER, 0, "")
_SNAPSHOT = (_PRE, 6)
_NOT_KNOWN = (_PRE, 5)
_WORDS = {
    **dict.fromkeys(("dev", "nightly", "canary"), (_DEV, 0)),
    **dict.fromkeys(("a", "alpha"), (_PRE, 1)),
    **dict.fromkeys(("b", "beta"), (_PRE, 2)),
    **dict.fromkeys(("m", "milestone"), (_PRE, 3)),
    **dict.fromkeys(("c", "cr", "rc", "pre", "preview"), (_PRE, 4)),
    "snapshot": _SNAPSHOT,
    **dict.fromkeys(("post", "rev", "r", "p", "pl", "patch", "sp", "u", "update"), (_POST, 0)),
    **dict.fromkeys(("hotfix", "hf", "fixpack", "fp", "cu"), (_POST, 0)),
}
_SILENT = frozenset({"final", "ga", "release", "stable", "lts"})
_BUILD = frozenset({"build", "bld", "v"})
_PLATFORMS = frozenset(
    {"linux", "windows", "win", "macos", "mac", "osx", "android", "ios", "x", "amd", "arm", "jre", "jdk", "java"}
    | {"el", "fc", "ubuntu", "debian", "deb", "redhat", "docker", "on", "for", "under", "with", "auf", "unter"}
)
"""Behind these is what it was built for or runs on."""
_NAMES = frozenset({"v", "version", "ver", "release", "rel", "r", "rev", "update"})
"""Words before a version that are no name of a product."""
_FULL = 3
"""So many numbers a release has before its build."""
_APART = frozenset(" \t\n\r(),;/")
_BUILD_DIGITS = 4
"""A number of so many digits that stands alone is a build, and no release."""
_LONGEST = 200
"""Characters of what may be taken for a version, or a range of them."""
_LEAST = (False, None, True)
"""What cannot be told lies between no and yes: all hold as much as the least of them, and one of them as the most."""
_SEVERAL = r"[<>=~^*|…–]|\d\.x\b|\d\+(?!\w)|\.\.|\d\s+-\s|\d\s*(?:[,;/&]|\b(?:and|or|to|und|oder|bis)\b)\s*v?\d+\."
_DAY_FIRST = r"(?:[0-2]?[0-9]|3[01])\.(?:0?[1-9]|1[0-2])\.(?:19|20)[0-9]{2}(?![0-9.])"
_BOUND = r"(>=|<=|==?|!=|>|<)? ?(v?\d[\w.*+-]*)|(\|\||;|/|or\b|oder\b)|[ ,&]|and\b|und\b"
_LATER = "later|newer|higher|above|up|after|neuer|höher|später"
_EARLIER = "earlier|older|lower|below|before|früher|älter|niedriger"
_BETWEEN = "-|–|to|through|until|till|bis"
_SPOKEN = {
    rf"\b(?:from |between |von |zwischen )?(v?\d\S*) (?:{_BETWEEN}|and(?= v?\d)) (v?\d\S*)": r">=\1 <=\2",
    rf"(v?\d\S*?)(?: (?:and|or|und|oder) (?:{_LATER})| ?onwards?|\+)(?!\S)": r">=\1",
    rf"(v?\d\S*) (?:and|or|und|oder) (?:{_EARLIER})(?!\S)": r"<=\1",
    r"\b(?:before|prior to|older than|earlier than|below|less than|vor) (?=v?\d)": "<",
    r"\b(?:up to and including|up to|until|till|through|bis) (?=v?\d)": "<=",
    r"\b(?:since|from|starting (?:with|from|in)|ab|seit) (?=v?\d)": ">=",
    r"\b(?:after|newer than|later than|above|nach) (?=v?\d)": ">",
    r"^(?:all|any|every|alle) (?=[<>])": "",
}
"""What ranges are in words, as comparisons, in the order in which they are looked for."""


def version_key(version: str) -> Key:
    """Return a sort key of any text: pre-releases before their release, its builds and patches behind it."""
    before, text = _split(version)
    key = _before(before) if not text or _is_candidate(before) else []
    last = key[-1][0] if key else _NUMBER
    epoch = re.match(r"(\d+)[!:](?=\d)", text)
    if epoch:
        key.append((_EPOCH, *_number(epoch[1])[1:]))
        text = text[epoch.end() :]
    numbers, is_build = 0, False
    for gap, part in _parts(text):
        if part[0].isdigit():
            if numbers and last == _NUMBER and (is_build or not gap.isdisjoint("-_#(")):
                key += [_ZERO] * (_FULL - numbers)
                numbers = max(numbers, _FULL)
            key.append(_number(part))
            numbers, is_build = numbers + 1, False
            continue
        is_build = part in _BUILD
        if is_build or part in _SILENT:
            continue
        if part in _PLATFORMS or (part not in _WORDS and not gap.isdisjoint(_APART)):
            break
        _strip_zeros(key)
        key.append(_word(part, is_attached=bool(numbers) and not gap, last=last))
        last = key[-1][0]
    _strip_zeros(key)
    return (*key, (_END, 0, ""))


def at_or_after(version: str, fixed_in: str) -> bool:
    """Whether `version` is `fixed_in` or later, in the order of `version_key`."""
    return version_key(version) >= version_key(fixed_in)


def sortable(version: str) -> str:
    """Return a text that sorts as `version_key` does, for databases."""
    return "".join(f"{rank}{number:020d}{word}\x01" for rank, number, word in version_key(version))


def is_comparable(one: str, other: str) -> bool:
    """Whether it can be said which of two versions came first: both are of one scheme, and of one product."""
    if _plain(one) == _plain(other):
        return bool(_scheme(one)) or _is_revision(one)
    products = {_product(version) for version in (one, other)} - {""}
    return bool(_scheme(one)) and _scheme(one) == _scheme(other) and len(products) < 2


def has_fix(version: str, fixed_in: str) -> bool | None:
    """Whether a version has what was fixed in another; None where that cannot be told.

    That is also where a version is named less exactly than the fix: 8 may be any 8.x, and 8.10.0 any build of it.
    """
    if not is_comparable(version, fixed_in):
        return None
    if _plain(version) == _plain(fixed_in):
        return True
    key, wanted = version_key(version), version_key(fixed_in)
    if ("+" in fixed_in and key == wanted) or _is_less_exact(version, fixed_in):
        return None
    return key >= wanted


def covers(affected: str, version: str) -> bool | None:
    """Whether a range as people write it has a version in it; None where that cannot be told.

    `>=8.8,<8.10.2`, `8.8 - 8.10`, `8.x`, `all before 9`, `8.8 and later`, `[8.8,9)`, `8.8, 8.9`. Whether 8.10 means
    8.10.2 as well cannot be told.
    """
    found = [
        min((_holds(sign, named, version) for sign, named in bounds), key=_LEAST.index)
        for bounds in _ranges(_plain(affected))
    ]
    return max(found, key=_LEAST.index, default=None)


def _split(version: str) -> tuple[str, str]:
    """Return what stands before a version and the version itself, without its local part; the day is made numbers."""
    text = version.lower()
    found = re.search(r"(?<![^\s(\[/_-])[vr]?(?=\d)", text) or re.search(r"(?=\d)", text)
    if not found:
        return text, ""
    return text[: found.start()], _dated(text[found.end() :].partition("+")[0])


def _is_candidate(before: str) -> bool:
    """Whether the words before a number say what comes before a release, or after it: `rc1`, `beta 2`."""
    return any(word in _WORDS and word not in _NAMES for word in _PART.findall(before))


def _before(words: str) -> list[tuple[int, int, str]]:
    """Return the key of words before any number."""
    key: list[tuple[int, int, str]] = []
    for word in _PART.findall(words):
        if word not in _NAMES | _SILENT | _BUILD:
            key.append(_word(word, is_attached=False, last=key[-1][0] if key else _NUMBER))
    return key


def _dated(text: str) -> str:
    day = re.match(r"((?:19|20)[0-9]{2})(?:([0-9]{2})([0-9]{2})|-([0-9]{1,2})(?:-([0-9]{1,2}))?)(?![0-9])", text)
    parts = [part for part in day.groups() if part] if day else []
    if not day or not 1 <= int(parts[1]) <= 12 or not all(1 <= int(part) <= 31 for part in parts[2:]):
        return text
    return ".".join(parts) + text[day.end() :]


def _parts(text: str) -> Iterator[tuple[frozenset[str], str]]:
    """Yield numbers and words, each with the characters that part it from the one before."""
    end = 0
    for found in _PART.finditer(text):
        yield frozenset(text[end : found.start()]), found[0]
        end = found.end()


def _number(part: str) -> tuple[int, int, str]:
    digits = (part if part.isascii() else "".join(str(int(digit)) for digit in part)).lstrip("0")
    return _NUMBER, len(digits), digits


def _word(part: str, *, is_attached: bool, last: int) -> tuple[int, int, str]:
    """Return the part of the key for a word, where `last` is the rank of the one before it."""
    if is_attached and len(part) == 1 and part not in _WORDS:
        return _POST, 1, part
    rank, place = _WORDS.get(part, _NOT_KNOWN)
    said = "" if part in _WORDS else part
    if last not in {_DEV, _PRE, _WORD} or rank != _PRE:
        return rank, place, said
    return (_DEV, 1, "") if (rank, place) == _SNAPSHOT else (_WORD, place, said)


def _strip_zeros(key: list[tuple[int, int, str]]) -> None:
    """8.10 and 8.10.0 are the same release, and rc and rc0 the same candidate."""
    while key and key[-1] == _ZERO:
        key.pop()


def _plain(version: str) -> str:
    return " ".join(version.lower().split())


def _product(version: str) -> str:
    """Return the words before a version, but for those that only say that it is one."""
    return " ".join(word for word in _PART.findall(_split(version)[0]) if word not in _NAMES | _BUILD)


def _is_revision(version: str) -> bool:
    """Whether it is a commit: before and after others only in the history that has it."""
    return bool(re.fullmatch(r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}", _plain(version), re.ASCII))


def _scheme(version: str) -> str:
    """Return what a version counts: releases, builds alone, or years; nothing where it says too little.

    As `latest`, a range, two versions, a candidate of nothing, and 1.2.2026, which may be a day or a release.
    """
    text = _plain(version)
    before, rest = _split(text)
    number = re.match(r"\d+", rest)
    if not number or len(text) > _LONGEST or _is_candidate(before) or _is_revision(text):
        return ""
    if re.search(_SEVERAL, text) or re.match(_DAY_FIRST, rest):
        return ""
    if re.fullmatch("199[0-9]|20[0-9]{2}", number[0]):
        return "year"
    is_alone = number[0] == rest and len(number[0].lstrip("0")) >= _BUILD_DIGITS
    return "build" if is_alone or {"build", "bld"} & {*_PART.findall(before)} else "release"


def _release(version: str) -> list[str]:
    """Return the numbers of a release as they are written, none for a version that says more."""
    text = _split(version)[1]
    return [_number(part)[2] for part in text.split(".")] if re.fullmatch(r"\d+(?:\.\d+)*", text) else []


def _is_less_exact(version: str, other: str) -> bool:
    """Whether a version may be the other or one beside it, as 8 may be 8.10, and 8.10 any build of 8.10."""
    named, exact = _release(version), [digits for rank, _, digits in version_key(other) if rank == _NUMBER]
    if not named or len(exact) <= len(named):
        return False
    is_build = len(exact) > _FULL >= len(named) and exact[:_FULL] == [*named, "", ""][:_FULL]
    return is_build or (len(named) == 1 and exact[:1] == named)


def _ranges(text: str) -> list[list[tuple[str, str]]]:
    """Return lists of bounds, each a sign and a version, of which one has to hold as a whole; `?` cannot be read."""
    if len(text) > _LONGEST:
        return []
    text = re.sub(r"\b(?:versions?|versionen|releases?) ?", "", text).strip()
    if text in {"all", "any", "every", "alle"}:
        return [[("*", "")]]
    interval = re.fullmatch(r"([\[(]) ?([^,\[\]() ]*) ?, ?([^,\[\]() ]*) ?([\])])", text)
    if interval:
        low, high = (">=" if interval[1] == "[" else ">"), ("<=" if interval[4] == "]" else "<")
        return [[(sign, named) for sign, named in ((low, interval[2]), (high, interval[3])) if named] or [("*", "")]]
    for spoken, signs in _SPOKEN.items():
        text = re.sub(spoken, signs, text)
    return _bounds(text)


def _bounds(text: str) -> list[list[tuple[str, str]]]:
    """Return the bounds of comparisons: what follows an upper bound is another range, and so is a version alone."""
    found: list[list[tuple[str, str]]] = [[]]
    at = 0
    while at < len(text):
        part = re.compile(_BOUND).match(text, at)
        if not part:
            return [[("?", text)]]
        at = part.end()
        if part[3]:
            found.append([])
        for sign, named in _spread((part[1] or "=").replace("==", "="), part[2]) if part[2] else ():
            if sign == "=" or {known[0] for known, _ in found[-1]} & {"=", sign[0]} - {"!"}:
                found.append([])
            found[-1].append((sign, named))
    return [bounds for bounds in found if bounds]


def _spread(sign: str, named: str) -> list[tuple[str, str]]:
    """Return 8.8-8.10 and 8.8..8.10 as two bounds; 8.10.0-4711 is a build, and 2026-11 a month."""
    ends = re.fullmatch(r"(v?\d+(?:\.\d+)*)(?:-v?(\d+(?:\.\d+)+)|\.\.v?(\d+(?:\.\d+)*))", named)
    if sign != "=" or not ends or _dated(named) != named:
        return [(sign, named)]
    return [(">=", ends[1]), ("<=", ends[2] or ends[3])]


def _holds(sign: str, named: str, version: str) -> bool | None:
    """Whether a version lies on the side of another that the sign names."""
    if sign in {"*", "?"}:
        return True if sign == "*" else None
    line = re.sub(r"\.[x*].*", "", named)
    if not is_comparable(version, line) or _is_less_exact(version, line):
        return None
    key, wanted, numbers = version_key(version), version_key(line), _release(line)
    written = [_number(part)[2] for part in re.findall(r"\d+", _split(version)[1])[: len(numbers)]]
    is_below, is_above, is_equal = key < wanted, key > wanted, key == wanted
    if numbers and written == numbers and not is_equal:
        if line != named or (is_above and len(numbers) >= _FULL and {rank for rank, _, _ in key} == {_NUMBER, _END}):
            is_below, is_above, is_equal = False, False, True  # 8.10.3 is of 8.x, and 8.10.0 (build 4711) of 8.10.0
        elif is_above and sign not in {">=", "<"}:
            return None
    return {
        "=": is_equal,
        "!=": not is_equal,
        "<": is_below,
        "<=": is_below or is_equal,
        ">": is_above,
        ">=": is_above or is_equal,
    }[sign]
