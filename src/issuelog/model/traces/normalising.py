"""
Making two tellings of one error the same text: what differs from customer to customer becomes a
placeholder.  Only what names the error stays: words, types, codes. Every repetition has a bound or gives
nothing back, and a line is cut before it is looked at, so that no text takes long.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from issuelog.model.traces.lazily import Pattern, words

MAX_LINE = 1000
"""Characters of a line that are looked at."""
MAX_ERROR = 130
"""Characters of a normalised line."""

_SPACE = Pattern(r"\s+")
_ALIKE = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2011": "-", "\u2026": "...", "\u00b4": "'", "\u00a0": " "})

# --- what names a customer, a machine or a moment ------------------------------------------------------------------

_MONTHS = (
    "jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[ée]vr(?:ier)?|m[aä]r(?:ch|z|s|zo)?|apr(?:il)?"
    "|avr(?:il)?|ma[iy]|june?|juni|juin|july?|juli"
    "|juil(?:let)?|aug(?:ust)?|ao[uû]t|sep(?:t(?:ember|embre)?)?|o[ck]t(?:ober|obre)?|nov(?:ember"
    "|embre)?|de[cz](?:ember)?|d[ée]c(?:embre)?"
)
_DAYS = r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)(?:day|sday|nesday|rsday|urday)?\b[.,]?\s?"
_CLOCK = (
    r"\d{1,2}:\d\d(?::\d\d(?:[.,:]\d{1,9})?)?(?![\d:])(?:\s?[ap]\.?m\b\.?)?"
    r"(?:\s?(?:z|utc|gmt|ces?t|[ecmp][sd]t|uhr)\b)?(?:\s?[+-]\d\d:?\d\d\b)?"
)
_YEARS = r"(?:19|20)\d\d"
_TIME = Pattern(
    rf"(?<![\w.:-])(?:"
    rf"{_YEARS}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[t ,_]{{1,2}}{_CLOCK})?"
    rf"|{_YEARS}\d{{4}}t\d{{6}}z?"
    rf"|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:{_YEARS}|\d\d)(?![\d.])(?:[ ,]{{1,2}}{_CLOCK})?"
    rf"|\d{{1,2}}[./ -]{{1,2}}(?:{_MONTHS})[./, -]{{1,2}}{_YEARS}(?:[:, ]{{1,2}}{_CLOCK})?"
    rf"|(?:{_DAYS})?(?:{_MONTHS})\.? \d{{1,2}},? (?:{_YEARS},? )?{_CLOCK}(?: {_YEARS})?"
    rf"|(?:{_MONTHS})\.? \d{{1,2}},? {_YEARS}"
    rf"|{_CLOCK})(?![\w:])",
    re.IGNORECASE,
)
_TIMES = Pattern(r"<time>(?:[ ,]{1,2}<time>)+")
_URL = Pattern(r"(?<![\w])[a-z][a-z0-9+.-]{1,30}+:(?://|\\/\\/)[^\s\"'<>)\]}]{1,1000}+", re.IGNORECASE)
_EMAIL = Pattern(r"(?<![\w.+%-])(?:mailto:)?[\w.+%-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}+")
_HOST = Pattern(
    r"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9_-]{0,62}+)\.){1,8}(?<=[a-z0-9_-]\.)(?:com|net|org|edu|gov|de"
    r"|ch|eu|uk|fr|nl|pl|es|se|dk|fi|cz|us|ca|au|jp|cn|br"
    r"|ru|info|biz|local|localdomain|internal|lan|corp|intern|cloud|svc|example|test|invalid)(?::\d{1,5})?(?![\w.-]*\w)"
)
_LOCALHOST = Pattern(r"(?<![\w.-])localhost(?::\d{1,5})?(?![\w.-])", re.IGNORECASE)
_IPV4 = Pattern(r"(?<![\w.])/?\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?(?![\w.]*\w)")
_IPV6 = Pattern(
    r"(?<![\w:.])\[?(?=[0-9a-f:.%]*\d)(?:[0-9a-f]{0,4}:){2,8}[0-9a-f]{0,4}(?:%\w{1,15})?(?:\]:\d{1,5}|\])?(?![\w:])",
    re.I,
)
_SECRET = Pattern(
    r"((?:pass(?:word|wd|wort|phrase|code)?|kennwort|pwd|secret|credentials?|user ?id|uid|login)[\"']?\s{0,2}[=:]"
    r"|(?:token|api[_-]?key|access[_-]?key|auth(?:orization)?|session[_-]?id|cookie|signature)[\"']?\s{0,2}=|\bbearer )"
    r"\s{0,2}(?:\"[^\"]{0,200}\"|'[^']{0,200}'|(?!<)[^\s;,&\"')]{1,300}+)",
    re.IGNORECASE,
)

# --- ids -----------------------------------------------------------------------------------------------------------

_UUID = Pattern(
    r"[{(]?(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])[})]?", re.I
)
_REPORT_ID = Pattern(r"\b[A-Z]{2,4}-\d{6}-[0-9A-Z]{4,8}\b")
_OPAQUE = Pattern(r"(?<![\w+/=<$-])(?=[\w+/=-]{0,200}?\d)[A-Za-z0-9_+/=-]{8,2000}+(?![\w>])")
_ADDRESS = Pattern(r"(?<![\w])[+@]?0x[0-9a-f]{1,16}\b|(?<=\w)@[0-9a-f]{5,16}\b", re.IGNORECASE)
_RESULT = Pattern(r"0x(?:80[01][0-9a-f]{5}|c0[0-9a-f]{6})", re.IGNORECASE)

# --- codes that identify, which are no numbers ---------------------------------------------------------------------

_CODE_WORDS = (
    r"(?:error[ _-]?code|exit[ _-]?code|exit[ _-]?status|status[ _-]?code|return[ _-]?code|errno"
    r"|error[ _]?no|winerror|code|status|sqlstate|sqlcode"
    r"|sql state|hresult|ntstatus|signal|fehlercode|fehlernummer|statuscode|http(?:/\d(?:\.\d)?)?)"
)
_CODE = Pattern(
    rf"\b{_CODE_WORDS}(?: (?:error|status|code|is|was|of))?[\"']?\s?[:=#]?\s?[\[(\"']{{0,2}}[-+]?[0-9]["
    rf"0-9A-Z]{{0,9}}\b(?![.:]\d)"
    r"|\b(?:error|err|fehler|erreur|exception|ausnahme)(?: |-| #|#)\(?-?\d{2,10}\b(?![.:]\d)"
    r"|\b(?:error|fehler): \d{2,6}(?=[)\].;,]|$)|\b[45]\d\d (?=\(?(?:bad|unauth|forbid|not|method"
    r"|request|conflict|gone|payload|unsupp|unproc"
    r"|too|internal|gateway|service|http)\w*)",
    re.IGNORECASE,
)
_MARK = Pattern(r"(?<![\w.-])[A-Z][A-Z0-9]{0,15}(?:[-_][A-Z]{2,12}){0,3}[-_]?\d{2,6}[A-Z]?(?![\w-]|\.\d)")
_SQLSTATE = Pattern(r"\b\d\d[A-Z]\d\d\b|\b\d[A-Z]\d{3}\b")
_NO_CODE = words("""
    ORD ORDER INV INVOICE CUST CUSTOMER USER ACC ACCOUNT REQ REQUEST TICKET CASE INC REF SO PO RE BUG ISSUE JOB
    TASK PID TID ID NR NO LINE PORT THREAD WORKER POOL NODE SHARD HOST RUN BUILD TX TXN BATCH SESSION EXEC
    GMT UTC ROW COL PAGE POS RG KD KDNR AUFTRAG RECHNUNG KUNDE VORGANG ITEM SKU ART
    """)

_UNITS = (
    r"(?:ns|[µu]s|ms|msecs?|millis|secs?|s|mins?|m|hrs?|h|days?|seconds?|minutes?|hours?"
    r"|milliseconds?|[kmgt]i?b|bytes?|b|px|%|sekunden?"
    r"|minuten?|stunden?|millisekunden?|kbit|mbit)"
)
_NUMBER = Pattern(
    rf"(?<![^\W\d_])(?<![<\d])[-+#]?\d[\d_]*+(?:[.,:'\u202f]\d+)*+(?:e[-+]?\d+)?(?:\s?{_UNITS}(?![\w]))?(?![^\W\d_])"
    r"|(?<=[^\W\d_])\d{3,}+|\d{3,}+(?=[^\W\d_])",
    re.IGNORECASE,
)
_NUMBERS = Pattern(r"<n>(?:\s?[,x×/]\s?<n>)+")

# --- paths ---------------------------------------------------------------------------------------------------------

_PATH = Pattern(
    r"(?<![\w<>.:/\\])(?:file:/{0,3})?(?:[A-Za-z]:(?=[\\/])|~(?=[\\/])|\.{1,2}(?=[\\/])|\\\\(?=\w)"
    r"|(?=/\w)|(?=[\w.@-]{1,60}[\\/][\w.@-]{1,60}[\\/.]))"
    r"[^\s\"'<>|*?;,()\[\]{}=:]{2,400}+(?::\d+){0,2}"
)
_CODE_FILE = Pattern(
    r"[\w.+-]{1,60}\.(?:py|pyc|pyd|jsx?|mjs|cjs|tsx?|vue|java|kts?|scala|groovy|jar|war|class|dex|go"
    r"|cs|vb|fs|dll|exe|sys|ocx|pdb|rs|c|cc|cpp|cxx"
    r"|h|hpp|mm?|swift|so|dylib|rb|erb|php|pl|pm|lua|sh|ps1|bat|cmd|sql|ya?ml|toml|ini|conf|cfg"
    r"|config|json|xml|xsd|xsl|properties|gradle|plist"
    r"|html?|css|scss|less|env|lock|proto|wsdl|db|sqlite)",
    re.IGNORECASE,
)
# Documents are named for customers, programs are not.
_DOCUMENT = Pattern(
    r"(?<![\w<.-])[^\s\"'<>|/\\:=]{1,120}\.(?:pdf|docx?|xlsx?|pptx?|csv|tsv|txt|rtf|odt|ods|png|jpe?g"
    r"|gif|tiff?|bmp|svg|zip|gz"
    r"|7z|rar|eml|msg|mp[34]|mov|avi|heic|log|bak|tmp)(?![\w.-]*\w)",
    re.IGNORECASE,
)
_HASH_PART = Pattern(r"[.-](?=[0-9a-zA-Z_]*\d)[0-9a-zA-Z_]{6,32}(?=\.)")

# --- quoted text ---------------------------------------------------------------------------------------------------

_QUOTES = Pattern(
    r"(?<![\w>])'([^'\n]{0,300}+)'(?!\w)|\"([^\"\n]{0,300}+)\"|`([^`'\n]{0,300}+)[`']"
    r"|\u201c([^\u201d\n]{0,300}+)\u201d|\u201e([^\u201c\u201d\n]{0,300}+)[\u201c\u201d]"
    r"|\u2018([^\u2019\n]{0,300}+)\u2019|\u00ab([^\u00bb\n]{0,300}+)\u00bb"
    r"|\u201a([^\u2018\u2019\n]{0,300}+)[\u2018\u2019]"
)
_WORDS_BEFORE = Pattern(r"[^\W\d_]+(?=[^\w\n]{1,3}$|[^\w\n]{1,3}[^\W\d_]+[^\w\n]{1,3}$)")
_NAMES_CODE = words("""
    property properties attribute attributes module modules key field column relation table function method
    class type object variable symbol package import named constructor argument parameter operator operand
    interface instance keyword option command token selector undefined evaluating reading member trait macro
    namespace struct label directive plugin extension library procedure index constraint sequence trigger view
    header setting spalte tabelle eigenschaft feld modul funktion methode klasse typ
    """)
_NAMES_CODE_AFTER = Pattern(
    r"\W{0,2}(?:object\b|has no |property|attribute|instance\b|module\b|undefined|undeclared"
    r"|is undefined|referenced before|was not declared"
    r"|is not (?:defined|a function|a constructor|iterable|callable|subscriptable|recogni[sz]ed as)"
    r"|could not be resolved|is (?:deprecated|required|private)"
    r"|has not been declared|from assembly|ist nicht definiert)"
)
_NAMES_SOMEBODY = words("""
    user users customer account tenant login owner client company contact for entry value host database role by
    mail email address group team benutzer kunde konto nutzer firma anwender mandant server domain site
    input text string literal
    """)
_CALL = Pattern(r"(?:[\w.$\[\]<>]{1,120} )?((?:[\w$<>]{1,80}\.){1,12}[\w$<>]{1,80})\([\w.$, \[\]<>]{0,200}\)")
_NAMES_TABLES = frozenset({"table", "relation", "view", "tabelle", "index", "sequence", "procedure"})
_PATHLIKE = Pattern(r"/[\w.]|~/|\.{1,2}/|[A-Za-z]:[\\/]|\\\\|file:")
_IDENTIFIER = Pattern(r"[A-Za-z_$@][\w$]{0,39}(?:(?:\.|::|->|#|\\|/|-)[A-Za-z_$][\w$]{0,39}){0,5}(?:\(\))?")
_PROGRAM = Pattern(r"\(\)|::|->|(?:[a-z_]\w*\.){2,}[A-Za-z]|[a-z]+_[a-z]+|^[a-z]+(?:[A-Z][a-z]+)+$")
_PACKAGE = Pattern(r"(?<![\w.$/-])(?:[a-z_][a-z0-9_]{0,40}\.){2,12}(?=[A-Z]\w)")


def normalise(line: str) -> str:
    """Return one line in which all that differs between two occurrences of an error is a placeholder."""
    text = _tidy(line)
    for _ in range(5):
        told = _cut(_pass(text))
        if told == text:
            break
        text = told
    return text


def _tidy(line: str) -> str:
    text = line[: MAX_LINE * 2]
    text = text.translate(_ALIKE)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return _SPACE.sub(" ", text).strip()[:MAX_LINE].strip()


def _cut(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    if len(text) <= MAX_ERROR:
        return text
    head = text[: MAX_ERROR + 1]
    at = head.rfind(" ", MAX_ERROR // 2)
    return head[: at if at > 0 else MAX_ERROR].rstrip()


def _pass(text: str) -> str:
    if "=" in text or ":" in text or "earer " in text.lower():
        text = _SECRET.sub(r"\1<secret>", text)
    if ":/" in text or ":\\/" in text:
        text = _URL.sub("<url>", text)
    if "@" in text:
        text = _EMAIL.sub("<email>", text)
    if any(quote in text for quote in "'\"`\u201c\u201e\u2018\u00ab\u201a"):
        text = _QUOTES.sub(_quoted, text)
    if "/" in text or "\\" in text:
        text = _PATH.sub(_path, text)
    if "." in text:
        text = _DOCUMENT.sub("<file>", _PACKAGE.sub("", text))
        text = _HOST.sub("<host>", text)
    if "ocalhost" in text:
        text = _LOCALHOST.sub("<host>", text)
    return _digits(text) if _has_digit(text) else text


_has_digit: Callable[[str], object] = Pattern(r"\d").search


def _digits(text: str) -> str:
    text = _UUID.sub("<id>", text)
    text = _REPORT_ID.sub("<id>", text)
    if ":" in text or "." in text or "-" in text or "/" in text or " " in text:
        text = _TIMES.sub("<time>", _TIME.sub("<time>", text))
    text = _IPV4.sub("<host>", text)
    if ":" in text:
        text = _IPV6.sub("<host>", text)
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\x00{chr(0xE000 + min(len(kept) - 1, 6000))}\x00"

    def keep_mark(match: re.Match[str]) -> str:
        word = re.match(r"[A-Z]+", match[0])
        return match[0] if word and word[0] in _NO_CODE else keep(match)

    text = _RESULT.sub(
        lambda match: keep(match) if not text[match.end() : match.end() + 1].isalnum() else match[0], text
    )
    text = _ADDRESS.sub("<addr>", text)
    text = _CODE.sub(keep, text)
    text = _MARK.sub(keep_mark, text)
    text = _SQLSTATE.sub(keep, text)
    text = _OPAQUE.sub(_opaque, text)
    text = _NUMBERS.sub("<n>", _NUMBER.sub("<n>", text))
    for number, code in enumerate(kept):
        text = text.replace(f"\x00{chr(0xE000 + min(number, 6000))}\x00", code)
    return text


def _opaque(match: re.Match[str]) -> str:
    return "<id>" if _is_opaque(match[0]) else match[0]


_HEX = frozenset("0123456789abcdefABCDEF")


def _is_opaque(word: str) -> bool:
    """Whether a word of letters and digits is a hash, a key or an id that a machine made."""
    if word.isdigit() or not any(char.isdigit() for char in word) or ("-" in word.strip("-") and len(word) < 20):
        return False
    return _HEX.issuperset(word) or len(word) >= 20


def _path(match: re.Match[str]) -> str:
    parts = [part for part in re.split(r"[\\/]", match[0]) if part]
    if len(parts) < 2 and not match[0].startswith(("/", "~", "\\")):
        return match[0]
    name = re.sub(r"(?::\d+)+$|[.]+$", "", parts[-1]) if parts else ""
    return f"<path>/{_HASH_PART.sub('', name)}" if _CODE_FILE.fullmatch(name) else "<path>"


def _quoted(match: re.Match[str]) -> str:
    inner = next((group for group in match.groups() if group is not None), "").strip()
    if inner in ("", "<s>"):
        return "<s>"
    if _PATHLIKE.match(inner):
        told = _PATH.sub(_path, inner) if _PATH.fullmatch(inner) else "<path>"
        name = re.split(r"[\\/]", inner)[-1]
        words = _WORDS_BEFORE.findall(match.string[max(0, match.start() - 60) : match.start()].lower())
        is_module = bool(words) and words[-1] in _NAMES_CODE and _IDENTIFIER.fullmatch(name)
        return f"<path>/{name}" if told == "<path>" and is_module else told
    bare = _PACKAGE.sub("", inner)
    words = _WORDS_BEFORE.findall(match.string[max(0, match.start() - 60) : match.start()].lower())[-2:]
    word = words[-1] if words else ""
    word = words[0] if word in ("name", "named") and len(words) > 1 else word
    if word in _NAMES_SOMEBODY:
        return "<s>"
    if call := _CALL.fullmatch(inner):
        bare = inner = ".".join(call[1].split(".")[-2:]) + "()"
    if word in _NAMES_TABLES:
        bare = bare.rpartition(".")[2]
    if _IDENTIFIER.fullmatch(bare):
        after = match.string[match.end() : match.end() + 40].lower()
        if (
            match[0][0] == "`"
            or word in _NAMES_CODE
            or word.endswith(("error", "exception"))
            or _NAMES_CODE_AFTER.match(after)
            or _PROGRAM.search(inner)
        ):
            mark = "`" if match[0].endswith("`") else "'"
            return f"{mark}{bare}{mark}"
    return "<s>"
