"""Repairing what mail, trackers and logs do to an error: quoting, markup, prefixes, escapes, lines put together.

What is removed here says where a line was written, never what it says.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from issuelog.model.traces.lazily import Pattern

MAX_TEXT = 2_000_000
"""Characters of a text that are read; of a longer one the beginning and the end."""
MAX_LINE = 1_000
"""Characters of a line that are read."""


class Line(NamedTuple):
    """A line without what a log or a mail put before it."""

    text: str
    level: str
    """The level that a log gave it, in upper case; empty where it has none."""
    logged: bool
    """Whether a log put something before it."""
    indent: int
    length: int
    """How long the line was as it came: it may have been wrapped."""


_MARKUP = Pattern(r"\{(?:code|noformat|quote|html|panel|color)(?::[^{}\n]{0,80})?\}")
_BREAK = Pattern(r"<(?:br\s?/?|/p|/div|/li|/pre|/tr|pre|p|div|li)(?:\s[^<>\n]{0,200})?>", re.IGNORECASE)
_TAG = Pattern(
    r"</?(?:p|div|span|b|i|em|strong|code|a|ul|ol|li|h[1-6]|table|t[rdh]|tt|font|blockquote)(?:\s[^<>]{0,200})?>",
    re.IGNORECASE,
)
_ESCAPED_LINE = Pattern(
    r"(?:\\r)?\\n(?=(?:\\t|\s){0,8}(?:at |File |Caused|[A-Za-z_.$]{1,80}(?:Error|Exception)|\.{3} |\"))"
)
_JOINED = Pattern(
    r"(?<=[a-z0-9).'\"!])\s{1,8}(?=Caused by: |at (?:[\w$.<>/@-]{3,200})\((?:[\w$-]{1,80}\.(?:java|kt"
    r"|scala|groovy)(?::\d+)?|Native Method|Unknown Source)\))"
)
_JSON_STACK = Pattern(r"\"(?:stack_?[tT]?race|stack|exception|backtrace)\"\s{0,3}:\s{0,3}\"")
_JSON_END = Pattern(r"\)\"[}\],]{1,20}")
_ENTITIES = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&nbsp;", " "),
    ("&amp;", "&"),
)

_QUOTE = Pattern(r"(?:[>|+][ \t]?|[ \t]+(?=[>|]))+")
_LEVEL = (
    r"(?:ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|EMERG|EMERGENCY|ALERT|PANIC|FAULT|WARN|WARNING|INFO"
    r"|INFORMATION|NOTICE|DEBUG|TRACE|VERBOSE|FINE|FINER"
    r"|FINEST|CONFIG|Warning|Info|Debug)"
)
_STAMP = (
    r"(?:(?:19|20)\d\d[-/.]\d\d[-/.]\d\d(?:[T _]\d\d:\d\d(?::\d\d)?(?:[.,:]\d{1,9})?\s?(?:Z|UTC|GMT"
    r"|[+-]\d\d:?\d\d|CES?T|[ECMP][SD]T)?)?"
    r"|\d{1,2}[-/.](?:\d{1,2}|[A-Z][a-z]{2})[-/.]\d{2,4}[ T:,]{1,2}\d{1,2}:\d\d(?::\d\d)?(?:[.,:]\d"
    r"{1,9})?(?: ?[AP]M)?(?: ?(?:[+-]\d{4}|[A-Z]{3,4}(?=\])))?"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Z]{3,4})?(?: \d{4})?"
    r"|[A-Z][a-z]{2} +\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d+)?"
    r"|\d\d-\d\d \d\d:\d\d:\d\d\.\d+"
    r"|\d\d:\d\d:\d\d(?:[.,:]\d{1,9})?(?: ?[AP]M)?"
    r"|(?:1[0-9]{9})(?:\.\d{1,6}|\d{3})?(?=\s))"
)
_PIECES = tuple(
    (name, Pattern(pattern))
    for name, pattern in (
        ("quote", r"(?:[>|][ \t]?)+"),
        ("compose", r"(?!\d+\s)[\w.-]{1,60} {0,30}\|[ \t]"),
        ("stamp", rf"[\[(]?{_STAMP}[\])]?[:,]?(?:\s+|$|(?=[\[|]))"),
        ("cri", r"std(?:out|err) [FP] "),
        ("ruby", r"[DIWEF], \[\S{1,40} #\d+\] +(?P<level>[A-Z]{4,5}) -- [\w.-]{0,40}: (?:\[[\w-]{1,60}\] ){0,3}"),
        ("klog", r"(?P<level>[IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w.-]{1,60}:\d+\] "),
        (
            "logcat",
            r"(?:\d+[-/ ]+)?(?:[\w.?-]+/[\w.?-]* +)?(?P<level>[VDIWEFA])/(?P<tag>[\w.$ -]{1,40})(?:\( *\d+\))?"
            r": ?(?:\(\S{1,40}\) +\[\d+,\d+\] )?",
        ),
        ("threadtime", r"\d+ +\d+ (?P<level>[VDIWEFA]) [\w.$ -]{1,40}?\s?: ?"),
        ("python", rf"(?P<level>{_LEVEL}):[\w.]{{1,80}}:"),
        (
            "level",
            rf"(?:[\[(<]\s?(?P<boxed>{_LEVEL}|Error|Fatal|Critical|Warn"
            rf"|Trace)\s?(?:/[\w-]{{1,30}})?[\])>][ \t]*[:|-]{{0,2}}"
            rf"|(?P<told>{_LEVEL})\s?:|(?P<loud>(?!\w*[a-z]){_LEVEL})(?:\s?[|-]{{1,2}}(?=\s)"
            rf"|(?=\s))(?!\s*[-#]?\d{{1,6}}\b(?![-/:])))(?:\s+|$)",
        ),
        (
            "bracket",
            r"\[(?P<level>error|err|crit|fatal|warn|warning|info|notice|debug|emerg"
            r"|alert)\](?: \d+#\d+:)?(?: \*\d+)?:?\s+",
        ),
        ("pair", r"(?:(?:time|ts|level|lvl|severity|logger|caller|thread|pid|host)=(?:\"[^\"]{0,100}\"|\S{0,100}) )"),
    )
)
_PAIR_LEVEL = Pattern(r"(?:level|lvl|severity)=\"?(\w+)")
# What may stand only behind a time or a level: bare, it could be the message.
_LATER = Pattern(
    r"(?:\[(?!Errno|WinError|SQL|native code)[^\[\]\n]{0,80}\]:?\s+"
    r"|\((?:[\w.-]{0,10}[Tt]hread[\w.-]{0,20}|main|\w+-\d+)\)\s*"
    r"|\[\d+,\d+\]\s+"
    r"|[A-Za-z][\w.]{2,30}:\s+\(\S{1,40}\)\s+\[\d+,\d+\]\s+(?:- )?"
    r"|(?!\w*(?:Error|Exception):)[A-Za-z][\w.]{2,30}:\s+(?:\(\S{1,40}\)\s+(?:\[\d+,\d+\]\s+)?)?"
    r"(?=at |\.\.\. \d|Caused by: |FATAL EXCEPTION|[\w$.]{2,150}(?:Error|Exception)\b)"
    r"|(?:\d{1,7}|\d+-\d+(?:/\S{1,80})?)\s+(?=\S)(?:---\s+)?(?!rows?\b|errors?\b|of\b"
    r"|items?\b)(?=[\[\w.$/-]{2,80}[\]:]|[\w.$-]{2,80}\s+[-:])"
    r"|[\w-]{2,40}\[\d+(?::\w+)?\]:?\s+"
    r"|[\w.-]{1,63}\s(?=[\w./-]{1,40}\[\d+\]:)"
    r"|(?![\w.$]*(?:Error|Exception|Failure|NotFound|Timeout|Invalid|Interrupt|Violation"
    r"|Fault)\b)[A-Za-z_][\w$]{0,60}+(?:[.][\w$-]{1,60}+){1,10}(?:\[\d+\])?\s*(?::\d+)?\s*(?::|-{1,2}"
    r"|\|)\s+"
    r"|(?![\w.$]*(?:Error|Exception|Failure|NotFound|Timeout|Invalid|Interrupt|Violation"
    r"|Fault)\b)[a-z][\w-]{1,40}\s+(?:-{1,2}|\|)\s+"
    r"|-{1,3}\s+(?!End of))"
)
_LEVELS = {
    "E": "ERROR", "F": "FATAL", "W": "WARN", "I": "INFO", "D": "DEBUG", "V": "TRACE", "A": "FATAL",
    "ERR": "ERROR", "CRIT": "FATAL", "CRITICAL": "FATAL", "SEVERE": "ERROR",
    "EMERG": "FATAL", "ALERT": "FATAL", "PANIC": "FATAL",
    "WARNING": "WARN",
}  # fmt: skip


def repaired(text: str) -> str:
    """Return the text with markup, escapes and line ends as they were before mail and trackers came over it."""
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT // 2] + "\n" + text[-MAX_TEXT // 2 :]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "{" in text:
        text = _MARKUP.sub("\n", text)
    if "&" in text:
        for entity, char in _ENTITIES:
            text = text.replace(entity, char)
    if "</" in text or "<br" in text.lower():
        text = _TAG.sub("", _BREAK.sub("\n", text))
    if '"stack' in text or '"exception' in text:
        text = _JSON_END.sub(")\n", _JSON_STACK.sub("\n", text))
    if "\\n" in text:
        text = _ESCAPED_LINE.sub("\n", text).replace("\\t", "\t").replace('\\"', '"')
    if "java:" in text or ".kt:" in text or "Source)" in text:
        text = _JOINED.sub("\n", text)
    return text


def bare(line: str) -> Line:
    """Return a line without the prefixes of mail and log."""
    length = len(line)
    line = line[:MAX_LINE].rstrip()
    rest = line.lstrip(" \t\ufeff\u00a0*")
    indent = len(line) - len(rest)
    level, logged = "", False
    for _ in range(12):
        found = _piece(rest, logged)
        if found is None:
            break
        end, told, quoting = found
        level = level or told
        after = rest[end:]
        rest = after.lstrip()
        indent = len(after) - len(rest)
        logged = logged or not quoting
    return Line(rest, level, logged, indent, length)


def _piece(text: str, logged: bool) -> tuple[int, str, bool] | None:
    """Return where the first prefix of a text ends, the level it names, and whether it only quotes."""
    if not text or (
        text[0] in "abcdefghijklmnopqrstuvwxyz" and not logged and "|" not in text[:70] and "=" not in text[:12]
    ):
        return None
    for name, pattern in _PIECES:
        match = pattern.match(text)
        if match and match.end():
            if name == "pair":
                told = _PAIR_LEVEL.match(text)
                return match.end(), _level(told[1]) if told else "", False
            groups = match.groupdict()
            word = next((groups[key] for key in ("level", "boxed", "told", "loud") if groups.get(key)), "")
            return match.end(), _level(word), name in ("quote", "compose")
    if logged:
        later = _LATER.match(text)
        if later and later.end():
            return later.end(), "", False
    return None


def _level(word: str) -> str:
    word = word.upper()
    return _LEVELS.get(word, word)
