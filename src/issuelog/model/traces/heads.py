"""The line that names an error: what kind of error it is, what it says, and whether it says enough."""

from __future__ import annotations

import re
from typing import NamedTuple

from issuelog.model.traces import wreckage
from issuelog.model.traces.lazily import Pattern
from issuelog.model.traces.normalising import MAX_ERROR, normalise
from issuelog.model.traces.vague import says_enough, telling_words

# --- what an error looks like --------------------------------------------------------------------------------------


class Head(NamedTuple):
    """The line that names an error."""

    type: str
    message: str
    role: str = "new"
    """new, cause (of the error before it), suppressed."""
    kind: str = ""
    """The language, where the line tells it."""
    place: str = ""
    """The file that the line names."""


_LEAD = Pattern(
    r"(?:Exception in thread (?:\"[^\"]{0,100}\"|\S{1,100})|Uncaught(?: \(in promise\))?:?"
    r"|Unhandled [Ee]xception[.:]|Unhandled (?:Promise )?Rejection(?: \((?=\w+\)))?:?"
    r"|\(node:\d+\) (?:UnhandledPromiseRejectionWarning|Warning):|(?:PHP )?(?:Fatal"
    r"|Recoverable fatal) error: +(?:Uncaught )?|\[(?=\w*Error: )|Unbehandelte Ausnahme:|Ausnahme:"
    r"|(?:java\.util\.concurrent\.)?(?:Execution|Completion)Exception: (?=[\w.$]+(?:Exception"
    r"|Error)\b)|Sending event: exception on thread: \S+ msg:"
    r"|The (?:above|following) exception|exception:|Exception:(?= [\w.]+(?:Exception|Error): )"
    r"|error: (?=\w*Error: )|Error: (?=\w*Error: )|msg:|Message: (?=Uncaught )"
    r"|Stack ?[Tt]race:(?= \S))\s*"
)
_CAUSE = Pattern(
    r"(?:Caused by|Verursacht durch|\[cause\]|Wrapped by|Root cause|--->|Inner [Ee]xception(?: \d+)?"
    r"|InnerException)\s?:?\s*"
)
_SUPPRESSED = Pattern(r"Suppressed:\s*")
_TYPE = Pattern(r"([A-Za-z_$][\w$]*+(?:(?:\.|::|\\|\+)[\w$]++){0,15}+)(?:`\d)?(?=[\s:(;,\[]|$)(.*)$", re.DOTALL)
KNOWN_TYPE = Pattern(
    r"(?:\w(?:Error|Exception|Failure|Fault|Throwable|Interrupt|Timeout|Warning|Violation|Group)|Exit"
    r"|Iteration|NotFound|Invalid|DoesNotExist)$"
)
_HUMPS = Pattern(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]")
GENERIC = frozenset({"Error", "Exception", "Fehler", "Erreur", "ERROR", "Errors", "Ausnahme"})
PYTHON_ERROR = Pattern(r"([A-Za-z_][\w.]{0,150}+)(?:: (.*))?$")
_PANIC = Pattern(r"thread '[^'\n]{0,100}'(?: \(\d+\))? panicked at (?:'(.*)', )?(\S{1,300}?)(?::\d+){1,2}:?$")
_PANIC_OPEN = Pattern(r"thread '[^'\n]{0,100}' panicked at '(.*)$")
RUBY_ERROR = Pattern(r"': (.*) \(([A-Z][\w:]{2,80})\)$")
_RAILS_ERROR = Pattern(r"([A-Z]\w*(?:::\w+)*(?:Error|Exception|NotFound|Invalid|Missing)) \((.*)\):$")
_NATIVE_HEADS = (
    Pattern(
        r"(?:==\d+==\s?)?ERROR: (?P<type>(?:Address|Leak|Memory|Thread"
        r"|UndefinedBehavior)Sanitizer): (?P<message>(?:attempting )?[\w-]+)"
    ),
    Pattern(r".{0,80}runtime error: (?P<message>.{3,200})$(?<!: )"),
    Pattern(
        r"(?:Program|Thread \d+ .{0,60}) (?:received signal|terminated with signal"
        r"|hit) (?P<type>SIG[A-Z]+)(?P<message>)"
    ),
    Pattern(r"(?:\*\*\* )?(?:Fatal signal|signal) \d+ \((?P<type>SIG[A-Z]+)\)(?P<message>)"),
    Pattern(r".{0,40}?\b(?:received|caught) (?:deadly )?signal:? (?P<type>SIG[A-Z]+)(?P<message>)", re.IGNORECASE),
    Pattern(r"(?:Process )?(?:Termin|Exception Type|Exception type).{0,5}:\s+(?P<type>EXC_[A-Z_]+)(?P<message>)"),
    Pattern(
        r".{0,60}?(?:Unhandled exception|Exception thrown|First-chance exception) at 0x[0-9A-Fa-f]+(?: \(."
        r"{0,60}\))? in .{1,80}?:\s+(?P<type>0x[0-9A-Fa-f]{8}):?\s(?P<message>[^.]{3,120})"
    ),
    Pattern(r".{0,60}?(?P<type>EXCEPTION_ACCESS_VIOLATION)(?P<message>)"),
    Pattern(
        r"(?:==\d+==\s+)(?P<type>)(?P<message>(?:Invalid (?:read|write) of size \d+"
        r"|Conditional jump or move depends .{0,60}|Use of uninitialised value.{0,30}))"
    ),
    Pattern(r"terminate called after throwing an instance of '(?P<type>[\w:]{2,80})'(?P<message>)"),
    Pattern(r"(?P<type>Segmentation fault|Speicherzugriffsfehler)(?P<message>) ?\("),
)
_APPLE_HEAD = Pattern(
    r".{0,80}?uncaught exception:?\s?'(?P<type>[A-Za-z_]\w{2,60})'(?:[.]?\s*$|,? reason: '?(?P<message>.*?)'?$)"
)
_GO_HEAD = Pattern(r"(?P<type>panic|fatal error): (?P<message>.*?)(?: \[recovered\].*)?$")

# A line of its own that begins with one of these is an error, whoever wrote it.
CODED = Pattern(
    r"(?:(?P<place>(?:[A-Za-z]:)?[^\s:()]{1,200}(?:[:(]\d+[,:]?\d*[):,]*){1,2}) )?"
    r"(?P<error>(?:fatal )?error ?\[?[A-Z]{1,8}-?\d{3,6}\]?: .{3,}|[A-Z]{2,8}-\d{3,6}: .{3,}"
    r"|SQLSTATE\[\w+\].{3,}|(?:npm ERR! )?code E[A-Z]{4,20}$"
    r"|HTTP(?:/\d(?:\.\d)?)? [45]\d\d .{3,}|fatal: .{3,}|E(?!XC|RR)[A-Z]{5,20}: .{3,})"
)
QUOTED_ERROR = Pattern(
    r"[\"`\u201c\u201e\u00ab>]((?:[A-Za-z_$][\w$]{0,60}[.:]{1,2}){0,8}+[A-Z][\w$]{2,60}(?:Error"
    r"|Exception): [^\"`\u201c\u201d\u00bb\n]{4,300})"
)


def head_of(line: str) -> Head | None:
    """Return the error that a line names, or None."""
    role = "new"
    for pattern, told in ((_CAUSE, "cause"), (_SUPPRESSED, "suppressed")):
        match = pattern.match(line)
        if match and match.end() < len(line):
            role, line = told, line[match.end() :]
    for _ in range(3):
        lead = _LEAD.match(line)
        if not lead or not lead.end():
            break
        line = line[lead.end() :]
        role = "new" if role == "new" else role
    if lead_out := line.endswith("]") and line.count("[") < line.count("]"):
        line = line[:-1] if lead_out else line
    return _special(line, role) or typed(line, role)


def _special(line: str, role: str) -> Head | None:
    if line.startswith(("panic: ", "fatal error: ")):
        match = _GO_HEAD.match(line)
        return Head(match["type"], match["message"], role, "go") if match else None
    if line.startswith("thread '"):
        if match := _PANIC.match(line):
            return Head("panic", match[1] or "", role, "rust", match[2])
        if match := _PANIC_OPEN.match(line):
            return Head("panic", match[1], role, "rust")
    if "uncaught exception" in line and (match := _APPLE_HEAD.match(line)):
        return Head(match["type"], match["message"] or "", role, "apple")
    if any(word in line for word in ("SIG", "anitizer", "0x", "EXC", "==", "terminate called", "fault", "fehler (")):
        for pattern in _NATIVE_HEADS:
            if match := pattern.match(line):
                named = match.groupdict().get("type") or ""
                return Head(named, match["message"].strip(), role, "apple" if named.startswith("EXC_") else "native")
    if line.endswith("):") and (match := _RAILS_ERROR.match(line)):
        return Head(match[1], match[2], role, "ruby")
    return None


def typed(line: str, role: str) -> Head | None:
    """Return the error that a line begins with, such as `java.io.IOException: closed`, or None."""
    match = _TYPE.match(line)
    if not match:
        return None
    name, rest = match[1], match[2]
    if name not in GENERIC and not KNOWN_TYPE.search(name):
        return None
    short = short_name(name)
    if not is_type(name, short):
        return None
    if rest.startswith(" (0x") or (rest.startswith(" (") and "): " in rest[:60]):
        rest = rest[rest.find(")") + 1 :]  # .NET: SocketException (10061): …
    if rest and not rest.startswith((":", " --->", ";", " [", " at ")) and not rest.isspace():
        return None
    if " ---> " in rest and role != "suppressed":
        inner = typed(rest.rpartition(" ---> ")[2].removesuffix(" (Inner Exception #0)"), "new")
        if inner:
            return Head(inner.type, inner.message, role, "dotnet")
    return Head(short, rest.lstrip(":").strip(), role)


def is_type(name: str, short: str) -> bool:
    """Whether a name, with its last part, is that of a kind of error."""
    if name in GENERIC:
        return True
    return (
        bool(KNOWN_TYPE.search(short))
        and (short[0].isupper() or "." in name)
        and (bool(_HUMPS.search(short)) or "." in name or "::" in name or "\\" in name)
    )


def short_name(name: str) -> str:
    """Return the last part of a name: packages and outer classes move, the name stays."""
    return re.sub(r"\$+", "$", re.split(r"[.\\+]", name)[-1]).split("$")[-1] or name


# --- telling an error ----------------------------------------------------------------------------------------------


def told(kind: str, message: str) -> str:
    """Return an error in one line: its type, where that is no mere 'Error', and its normalised message."""
    message = normalise(_without_place(message)).strip(" .!:")
    message = "" if kind and message in _NO_MESSAGE else message
    kind = "" if kind in GENERIC and message else kind
    whole = f"{kind}: {message}" if kind and message else kind or message
    whole = re.sub(r"\s@(?=\s|$)", " at", whole)
    if len(whole) > MAX_ERROR:
        cut = whole[:MAX_ERROR]
        whole = cut[: max(cut.rfind(" "), MAX_ERROR // 2)].rstrip(" .!:,")
    return whole


def apart(error: str) -> tuple[str, str]:
    """Return the type and the message of an error as `told` put them together."""
    head, colon, message = error.partition(": ")
    typed = " " not in head and _TYPE.match(head)
    return (
        (head, message)
        if typed and (not colon or head.isidentifier() or is_type(head, short_name(head)))
        else ("", error)
    )


NO_FAILURE = frozenset({"SystemExit", "KeyboardInterrupt", "GeneratorExit"})
_NO_MESSAGE = frozenset({"null", "None", "undefined", "nil", "(null)"})
_PLACE = Pattern(r" in (?:/|[A-Za-z]:)\S{1,300}(?: on line |:)\d+$")


def _without_place(message: str) -> str:
    return _PLACE.sub("", message)


def error_of(text: str) -> str | None:
    """Return the error of a bare message, or None where it says too little to identify anything."""
    lines = [wreckage.bare(line) for line in wreckage.repaired(text[:4000]).split("\n")[:8]]
    line = " ".join(line.text for line in lines if line.text)[: wreckage.MAX_LINE]
    line = _unquoted(line.strip(" \t*_"))
    coded = CODED.match(line)
    head = None if coded else head_of(line)
    if head:
        return told(head.type, head.message) if is_enough(head.type, head.message) else None
    line = coded["error"] if coded else line
    return told("", line) if is_enough("", line) else None


_QUOTE_MARKS = "\"'`\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"


def _unquoted(line: str) -> str:
    inside = line[1:-1].strip()
    is_quoted = len(line) > 2 and line[0] in _QUOTE_MARKS and line[-1] in _QUOTE_MARKS and line.count(line[0]) <= 2
    return inside if is_quoted else line


def is_enough(kind: str, message: str) -> bool:
    """Whether a kind of error with its message tells one error from others, without any frames."""
    return says_enough("" if kind in GENERIC else kind, normalise(_without_place(message)))


_NO_ERROR = Pattern(
    r"[^A-Za-z\u00c0-\uffff]|EXCEPTION: |(?:Note|Hint|Tip|Run|Use|See|Try|Please|File|In|Source"
    r"|Reason|Location|Symbol|location|symbol|libc\+\+abi)\b|.*\bwarning: |function\b|.*(?:[:{;,(]"
    r"|={3}|-{3})$|.*\w\([\w$-]{1,60}\.\w{1,6}(?::\d+)?\)$|.*Native Method"
)
_TELLING_WORDS = 3


def is_telling_line(text: str) -> bool:
    """Whether a line that a log calls an error tells one from others by itself: most only frame the one that does."""
    if _NO_ERROR.match(text) or text.count(" ") < _TELLING_WORDS - 1:
        return False
    told = normalise(text)
    return not told.startswith("<") and telling_words(told) >= _TELLING_WORDS
