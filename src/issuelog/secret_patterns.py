"""What secrets look like: names that announce one, ways to tell it, tokens with a prefix, cards, and what is none.

Every repetition has a bound, and what follows one cannot be matched by it where that matters: a text of megabytes, made
to be slow, takes seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache


def _when_needed(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """Return a pattern that is compiled at its first use: most text needs none of these, and every change would pay."""
    return cache(lambda: re.compile(pattern, flags))


PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [^\n]{0,60}-----|\Z)"
    r"|PuTTY-User-Key-File-\d:.*?(?:Private-MAC: ?\w+|\Z)",
    re.DOTALL,
)

# --- names ---------------------------------------------------------------------------------------------------------

# A short name is a word of its own, or a part of one (smtp_pass, dbPass).
_EDGE = r"(?:(?<![^\W_])|(?-i:(?<=[a-z])(?=[A-Z])))"
_WORDS = (
    "pass(?:word|wort|wd|phrase|code)|kennwort|contrase[ñn]a|mot de passe|wachtwoord|has[łl]o|l[öo]senord|salasana"
    "|adgangskode|пароль|密[码碼]|パスワード|비밀번호|(?:wlan|wifi|wi-fi)[- ](?:schlüssel|key)|einmalcode"
    "|one[- ]time[- ]code|pin[- ]?code"
)
_SHORT_WORDS = "pass|pwd|pw|kw|mdp|senha|heslo|parola|pin"
_KEYS = (
    "secret(?:[_ -]?(?:access[_ -]?)?key)?|api[_ -]?(?:key|secret|token)"
    "|(?:access|account|private|signing|encryption)[_ -]?key|(?:access|auth|refresh|session|bearer)[_ -]?token"
)
_NAME = re.compile(
    # The first letters alone, since most places begin with none of them.
    rf"(?=[abcehklmoprstwп密パ비])(?:(?P<word>{_WORDS}|{_EDGE}(?:{_SHORT_WORDS}))|(?P<key>{_KEYS}|{_EDGE}token))",
    re.IGNORECASE,
)

# --- what follows a name -------------------------------------------------------------------------------------------

_QUOTED = r"(?P<{0}q>\\{{0,3}}[\"'`])(?P<{0}>(?:(?!(?P={0}q))(?>\\.|[^\n\\])){{4,200}}+)(?P={0}q)"
_BARE = r"[^\s\"'`,;<>|“”„()\[\]{}]"
# In prose any word may follow: a secret has a digit or a sign in it, or stands alone at the line's end.
_HARD = r"(?=\S{0,60}?(?:\d|[@#$%^&*+=!?][^\s.,;:!?)]))"
_ALONE = r"(?=[ \t\r]*$)"
_MIXED = r"(?=[^\W\d_]*\d)(?=\w*[^\W\d_])"
_AFTER = _when_needed(
    r"(?:[_-]?(?:key|value|confirmation|new|old|base)|[12])?[*_]{0,2}(?:\\{0,3}[\"'`])?\]?[*_]{0,2}(?:"
    # password=…  password := …  'password' => …  password%3D…
    r"[ \t]{0,20}(?:=>|=(?!=)|:=|(?<=[ ])->(?=[ ])|%3d)(?:3d)?[ \t]{0,20}(?:"
    + _QUOTED.format("set")
    + r"|(?P<words>(?<== )[^\W\d_]{2,30}(?: [^\W\d_]{2,30}){1,2})"
    + _ALONE
    + r"|(?P<given>(?:(?!%26)[^\s\"'`&;,()<>{}\[\]|]){4,200}+)(?![(<{\[]))"
    # password: …  **Password:** …  "password": "…"
    r"|[ \t]{0,20}[:：][*_]{0,2}[ \t\u3000]{0,20}(?:"
    + _QUOTED.format("told")
    + rf"|{_HARD}(?P<hard>(?!//){_BARE}{{4,200}})|(?P<lone>{_BARE}{{4,60}}){_ALONE})"
    # My password was …
    r"|[ ]{1,2}(?:is|was|ist|war|lautet|lautete|est|es|é|è|är)[ :]{1,3}(?:"
    + _QUOTED.format("said")
    + rf"|{_HARD}(?P<spoken>{_BARE}{{4,200}}))"
    # The password for the portal: …  Mot de passe provisoire : …
    r"|(?:[ ](?:for|für|zu[mr]?|to|of|von|vom|de|para|pour)(?:[ ][^\s:=]{1,20}){1,4}?|(?:[ ][^\W\d_]{2,20}){1,2}?)"
    rf"(?<!user)(?<!name)(?:[ ]?:|[ ]is|[ ]ist)[ ]{{1,4}}{_MIXED}(?P<further>{_BARE}{{6,60}})"
    # | password | … |, and columns of a spreadsheet
    rf"|[ ]{{0,20}}[|\t][ \t]{{0,20}}{_HARD}(?P<cell>{_BARE}{{4,200}})"
    # <password>…</password>, name="password" value="…"
    r"|>(?P<element>[^<>\n]{4,200}+)</|[ ]{1,4}(?:value|content)=" + _QUOTED.format("attribute") +
    # A name in a line, the secret alone in the next.
    rf"|[ ]?:?[ \t]{{0,4}}(?:\r?\n){{1,2}}[ >\t]{{0,4}}{_MIXED}(?P<below>{_BARE}{{6,60}}){_ALONE}"
    rf"|(?:,[ ]|[ ]{{1,20}})[(`„“]?{_MIXED}(?P<named>[^\W\d_]{{3}}\w{{4,60}})(?![\w(-]|\.\w))",
    re.IGNORECASE | re.MULTILINE,
)
_PROSE = frozenset({"words", "lone", "below", "named", "further"})

# --- what needs no name --------------------------------------------------------------------------------------------

_ARGUMENT = r"(?:\"([^\"\n]{3,200})\"|'([^'\n]{3,200})'|([^\s\"'-][^\s\"']{2,200}))"
_SESSIONS = (
    r"[\w.-]{0,30}sess(?:ion)?[\w.-]{0,30}|connect\.sid|sid|[\w.-]{0,30}auth[\w.-]{0,30}|[\w.-]{0,30}token|remember_me"
)
_DIRECT = tuple(
    (needle, _when_needed(pattern, re.IGNORECASE))
    for needle, pattern in (
        ("auth", r"\bauth(?:orization)?\\?[\"'`]?\s?[:=]\s?\\?[\"'`]?(?:basic|bearer|token)\s+([\w.~+/=-]{8,4000})"),
        ("bearer", r"\bbearer\s(?=[\w.~+/=-]{0,60}\d)([\w.~+/=-]{20,4000})"),
        ("://", r"://[^\s/:@\"']{0,100}:([^\s/@\"']{3,200}+)@"),
        ("jdbc:oracle", r"jdbc:oracle:\w{1,10}:[^\s/:@]{1,60}/([^\s/@]{3,100}+)@"),
        ("-u", r"(?<!\S)-u[ =]?(?!\d+:\d)(?:\"[^\s:\"]{1,64}:([^\"\n]{3,200})\"|'[^\s:']{1,64}:([^'\n]{3,200})'"
               r"|[\w.@+-]{1,64}:([^\s\"'/][^\s\"']{2,200}))"),
        ("--user", r"(?<!\S)--user[ =]?(?!\d+:\d)(?:\"[^\s:\"]{1,64}:([^\"\n]{3,200})\""
                   r"|'[^\s:']{1,64}:([^'\n]{3,200})'|[\w.@+-]{1,64}:([^\s\"'/][^\s\"']{2,200}))"),
        ("--", rf"(?<!\S)--(?:\w{{1,20}}-){{0,3}}(?:pass(?:word|wd|phrase)?|token|secret|api-?key)"
               rf"[ ]{_HARD}{_ARGUMENT}"),
        ("sshpass", rf"\bsshpass\s+-p\s*{_ARGUMENT}"),
        ("mysql", rf"\b(?:mysql|mysqldump|mysqladmin)\b[^\n|]{{0,100}}?[ ]-p{_ARGUMENT}"),
        ("redis-cli", rf"\bredis-cli\b[^\n|]{{0,100}}?[ ]-a[ ]{_ARGUMENT}"),
        ("identified by", r"\bidentified by ['\"]([^'\"\n]{4,200})['\"]"),
        ("sess", r"\b(?:j?sessionid|phpsessid|asp\.net_sessionid|aspsessionid\w{8})=([^\s;,\"'&]{16,400})"),
        ("cookie", rf"cookie\\?[\"']?[:=][ \t]{{0,4}}(?:[^\s;=]{{1,60}}=[^\n;]{{0,400}}+;[ \t]{{0,4}}){{0,30}}?"
                   rf"(?:{_SESSIONS})=(?=[^\s;]{{0,60}}\d)([^\s;,\"']{{8,4000}})"),
    )
)  # fmt: skip
_TOKENS = (
    ("GitHub Token", r"github_pat_\w{22,}"),
    ("GitLab Token", r"gl(?:pat|ptt|dt|rt|soat|ft|imt|agent|cbt|oas)-[\w-]{20,}"),
    ("NPM tokens", r"npm_[A-Za-z0-9]{36,}"),
    ("OpenAI Token", r"sk-(?:proj|svcacct|admin)-[\w-]{20,}"),
    ("Anthropic Token", r"sk-ant-[\w-]{20,}"),
    ("Google Token", r"AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{20,}"),
    ("Hugging Face Token", r"hf_[A-Za-z]{30,}"),
    ("DigitalOcean Token", r"do[opr]_v1_[a-f0-9]{60,}"),
    ("Shopify Token", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("Stripe Access Key", r"(?:rk_(?:live|test)_|whsec_)[A-Za-z0-9+/=]{20,}"),
    ("Atlassian Token", r"AT(?:ATT|CTT)3[\w=-]{40,}"),
    ("Slack Token", r"xapp-\d-[\w-]{20,}"),
    ("Docker Token", r"dckr_pat_[\w-]{20,}"),
    ("HashiCorp Token", r"hv[sb]\.[\w-]{24,}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}"),
    ("Linear Token", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}"),
    ("Notion Token", r"(?:ntn_|secret_)[A-Za-z0-9]{40,}"),
    ("Figma Token", r"figd_[\w-]{30,}"),
    ("Postman Token", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("Databricks Token", r"dapi[a-f0-9]{32}"),
    ("Sentry Token", r"sntry[su]_[\w=+/-]{40,}"),
    ("RubyGems Token", r"rubygems_[a-f0-9]{48}"),
    ("age key", r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    ("Groq Token", r"gsk_[A-Za-z0-9]{40,}"),
    ("Azure signature", r"(?<=[?&]sig=)[\w%+/=-]{12,400}"),
)
_TOKEN = _when_needed(r"\b(?<!_)(?:" + "|".join(f"({pattern})" for _, pattern in _TOKENS) + ")")

# --- cards ---------------------------------------------------------------------------------------------------------

_GAP = r"(?:[ .\u00a0\u202f-]|[ \u00a0]{2})?"
# 16 digits in four groups or none, the 15 of American Express and the 14 of Diners; one among other groups of four is
# none, as in an IBAN or a table.
_CARD = re.compile(
    rf"(?<![\w.-])(?<![0-9A-F]{{4}}\s[0-9A-F]{{4}}\s)(?<![A-Z]{{2}}\d\d[ \u00a0])(?:"
    rf"(?:2[2-7]\d|35[2-8]|[4-6]\d\d)\d({_GAP})\d{{4}}\1\d{{4}}\1\d{{4}}"
    rf"|3[47]\d\d({_GAP})\d{{6}}\2\d{{5}}|3(?:0[0-5]|[68]\d)\d({_GAP})\d{{6}}\3\d{{4}})(?![\w-]|\.\d|\s[0-9A-F]{{4}}\s[0-9A-F]{{4}}\b)"
)

# --- what only looks like a secret ---------------------------------------------------------------------------------

_HARMLESS = _when_needed(
    # masks, and what a program or a person fills in
    r"[*•x.·●_#?-]{3,}|[*•x]{3}.*|[<\[({%].*|\$[({\w].*|&lt;.*|:\w+|%\w|@\w+@|__\w+__|redacted.*"
    r"|(?:your|insert|enter|replace|dummy|example|sample|fake)(?:[_ .-].*)?|change[_-]?(?:me|it|this)\W*"
    r"|(?:my|our|some|the|a|new|old)[_ -]?(?:new[_ -]?|secret[_ -]?|api[_ -]?)?(?:pass(?:word)?|secret|key|token)"
    # what people, forms, schemas and programs say of one
    r"|(?:un)?(?:required|defined|known|valid|changed|set)|(?:in|not[_ -]?)(?:valid|correct|active|complete|set)"
    r"|null|nil|none|true|false|yes|no|nan|n/a|void|undef|empty|missing|optional|expired?|wrong|correct|accepted|rejected"
    r"|denied|failed|failure|forgotten|forgot|lost|locked|blocked|broken|reset|changed|hidden|masked|encrypted|hashed|weak"
    r"|strong|short|long|error|okay|todo|tbd|default|disabled|enabled|public|private|here|help|text|string|str|integer"
    r"|number|bool(?:ean)?|char|varchar|bytes?|object|array|date|email|placeholder|test|testing|example|santa|user(?:name)?"
    r"|pass(?:word|wort|wd)?|pwd|secret|token|key|value|field|input|please|bitte|unlimited|never|immer|always|later|same"
    r"|falsch|richtig|vergessen|gesperrt|abgelaufen|fehlt|leer|ungültig|unbekannt|geändert|erforderlich|nötig|abgelehnt"
    r"|oublié|perdu|incorrect|invalide|expiré|requis|manquant|olvidada|perdida|incorrecta|caducada|obligatoria"
    r"|esquecida|errada|inválida|vergeten|verlopen|onjuist|zapomniane|glömt|забыл|неверный|忘れました|错误"
    # code, paths, addresses, ids of tickets, versions, times, counts, hashes
    r"|(?:os|obj|process|self|this|config|settings|env|user|req(?:uest)?|args|params|document|window|props|state|form|data|ctx"
    r"|opt(?:ion)?s|system|app|secrets|vault|var|local|module|models?|forms?|fields?)(?:\.[a-z_]\w*)+\[?"
    r"|(?:~|\.{0,2})/(?:home|usr|var|etc|opt|tmp|srv|mnt|root|run|users|app|data|bin|dev|proc|snap)(?:/.*)?|~/.*|[a-z]:\\.*"
    r"|https?:.*|[\w.+-]{1,64}@[\w-]{1,60}\.[\w.-]{1,60}"
    r"|(?-i:[A-Z]{1,5})-\d{1,5}|v?\d{1,4}(?:\.\d{1,6}){1,4}|\d{1,2}-\d{1,3}|\d{4}-\d\d-\d\d(?:T.*)?|\d\d?:\d\d.*|\d+(?:%|ms|px|kb|mb)"
    r"|(?:sha|md|utf|iso|base|oauth|http|aes|rsa|hmac|argon|pbkdf|ipv)[_-]?\d[\w-]*"
    r"|(?:win(?:dows)?|office|version|step|page|attempt|level)[_-]?\d{1,2}"
    r"|#[0-9a-f]{3,8}|[a-z_]*_(?:pass(?:word|wd|phrase)?|secret|token|key)|[a-z]+(?:/[a-z]+)+",
    re.IGNORECASE,
)  # fmt: skip
_PIN = re.compile(r"\d{4,8}")
_RANDOM = re.compile(r"(?=\D*\d)\S+|(?=\S*[A-Z])(?=\S*[a-z])[^\s.]{16,}")
_ENDS = ".,:;)]*_"


def told(text: str) -> Iterator[str]:
    """Yield every password or key that somebody tells."""
    lowered = text.lower()
    for needle, pattern in _DIRECT:
        if needle in lowered:
            for match in pattern().finditer(text):
                secret = match[match.lastindex or 0]
                if not _HARMLESS().fullmatch(secret):
                    yield secret
    done = 0
    for name in _NAME.finditer(text):
        after = _AFTER().match(text, name.end()) if name.start() >= done else None
        if after and (secret := _secret(name, after)):
            yield secret
            done = after.end()


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield every token of a service that its prefix gives away, with its kind."""
    for match in _TOKEN().finditer(text):
        yield match[match.lastindex or 0], _TOKENS[(match.lastindex or 1) - 1][0]


def cards(text: str) -> Iterator[str]:
    """Yield every card number."""
    return (match[0] for match in _CARD.finditer(text) if _is_checked(match[0]))


def _secret(name: re.Match[str], after: re.Match[str]) -> str | None:
    form, secret = next((form, part) for form, part in after.groupdict().items() if part and not form.endswith("q"))
    if form not in {"set", "told", "said", "attribute", "element"}:
        secret = secret.rstrip(_ENDS) or secret
    if _HARMLESS().fullmatch(secret.strip()) or len(secret) < 4:
        return None
    if form == "below" and name[0] == "pass":  # as a statement of a program
        return None
    is_key = name["key"] is not None
    if is_key and (form in _PROSE or " " in secret or not _RANDOM.fullmatch(secret)):
        return None
    if form == "said" and not re.search(r"\d", secret):
        return None
    if name[0].lower().startswith("pin") and not _PIN.fullmatch(secret):
        return None
    return secret


def _is_checked(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    digits = [int(char) for char in reversed(number) if char.isdigit()]
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0
