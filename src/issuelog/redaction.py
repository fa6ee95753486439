"""Secrets in what a change adds: found before the commit, since history cannot forget.

Keys and tokens of services are found by the detectors of detect-secrets, which know their shapes. What has no shape is
ours: a password that somebody tells, a card number, a private key as a whole. Nothing that is found leaves the process:
it is named by its kind and place, and shown masked.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from issuelog.errors import Refused
from issuelog.model.lifecycle import revalidated
from issuelog.model.report import MAX_TITLE, Report, seal

if TYPE_CHECKING:
    from detect_secrets.plugins.base import RegexBasedDetector

Found = dict[str, str]
"""What was found, each secret with its kind."""

# A token of a service is a long word with a digit or a sign in it, or all in capitals, and no mail address.
# Text without one is not worth loading the detectors, which takes 100 ms.
_LONG_WORD = re.compile(r"\S{16,}")
_NO_TOKEN = re.compile(r"(?:(?![\d_-]|[A-Z]{16}).)*|[<(]?[\w.+-]+@[\w.-]+[>),.;:]*")
_TOKEN_CHARACTERS = re.compile(r"[\w.+/=-]*[\w+/=-]")
_SHORTEST_TOKEN = 16
# Some of the detectors take quadratic time on one long line.
_LONGEST_LINE = 2000
_OVERLAP = 400

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [^\n]{0,60}-----|\Z)", re.DOTALL
)
_NAME = r"(?:\b|_)(?:pass(?:word|wd|phrase|wort)|kennwort|pwd|secret|api[ _-]?key|(?:access|auth)[ _-]?token)"
_QUOTE = "[\"'`]?"
_MASKED = r"(?![*•x]{3}|[<\[({$%+]|redacted|null\b|none\b|true\b|false\b)"
_SIGN = r"[\d@#$%^&*+/\\=!?]"
_PASSWORDS = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"{_NAME}{_QUOTE} ?= ?{_QUOTE}{_MASKED}([^\s\"'`&;,()<>{{}}]{{4,200}}+)(?![(<{{])",
        # In prose any word may follow: a secret has a digit or a sign in it, or stands alone at the line's end.
        rf"{_NAME}{_QUOTE} ?(?::| is| ist| lautet)\s?{_QUOTE}{_MASKED}(?=\S{{0,60}}{_SIGN}\S)([^\s\"'`,;]{{4,200}})",
        rf"{_NAME}{_QUOTE} ?:[ \t]?{_QUOTE}{_MASKED}([^\s\"'`,;]{{4,60}}){_QUOTE}$",
        rf"\bauthorization{_QUOTE}\s?[:=]\s?{_QUOTE}(?:basic|bearer|token)\s+([\w.~+/=-]{{8,4000}})",
        r"://[^\s/:@]{1,100}:([^\s/:@]{3,200})@",
    )
)
# 16 digits in four groups or none, and the 15 of American Express; a row that begins like a time is none.
_CARD = re.compile(
    r"(?<![\w.-])(?!20[0-3]\d[01]\d)(?:(?:2[2-7]|[4-6]\d)\d\d([ -]?)\d{4}\1\d{4}\1\d{4}|3[47]\d\d([ -]?)\d{6}\2\d{5})"
    r"(?![\w-]|\.\d)"
)
_COMPUTED = frozenset(
    {
        "id",
        "action",
        "from",
        "to",
        "state",
        "channel",
        "kind",
        "direction",
        "severity",
        "recorded_by",
        "sha256",
        "original_sha256",
        "story_sha256",
        "story_redacted_sha256",
    }
)
_SHOWN_CHARACTERS = 4
_MARK_DIGITS = 4


Handling = Literal["refuse", "allow", "redact"]
"""What is to be done with a secret."""


@dataclass(frozen=True)
class Secret:
    """One place of a secret: what kind, in which field or file, in which line, and its beginning."""

    kind: str
    where: str
    line: int
    masked: str

    def __str__(self) -> str:
        return f"{self.where}, line {self.line}: {self.kind} {self.masked}"


class SecretFound(Refused):
    """A change would commit a secret for ever."""

    def __init__(self, secrets: list[Secret], hint: str | None = None) -> None:
        count = "a secret" if len(secrets) == 1 else f"{len(secrets)} secrets"
        listed = "".join(f"\n  {secret}" for secret in secrets)
        super().__init__(
            f"{count} would be committed, and history cannot forget; nothing was changed{listed}",
            hint=hint or "--redact   puts placeholders in their place     --allow-secret   commits them as they are",
        )
        self.secrets = tuple(secrets)

    def details(self) -> dict[str, Any]:
        """The places, masked."""
        return {**super().details(), "secrets": [vars(secret) for secret in self.secrets]}


@dataclass(frozen=True)
class Cleared:
    """A report and the files that it brings, as they may be committed."""

    report: Report
    files: Mapping[str, bytes]


def clear(before: Report | None, after: Report, files: Mapping[str, bytes], handling: Handling) -> Cleared:
    """Return what a change may commit: as it is, or with placeholders where secrets were.

    What `before` says already is not looked at again. The last event records what was allowed or redacted; the story
    stays sealed as the customer wrote it, and a file is known by the hash that it came with. Raises SecretFound.
    """
    data = _data(after)
    known = set() if before is None else {text for _, text in _texts(_data(before))}
    fresh = [(where, text) for where, text in _texts(data) if text not in known]
    secrets: Found = {}
    places: list[Secret] = []
    for where, text in fresh:
        found = find(text)
        secrets |= found
        places += _places(where, text, found)
    in_files = {name: find_in_file(content) for name, content in files.items()}
    for name, found in in_files.items():
        places += _places(name, _readable(files[name]), found)
    if not places:
        return Cleared(after, files)
    if handling == "refuse":
        raise SecretFound(places)
    kinds = sorted({place.kind for place in places})
    if handling == "allow":
        data["events"][-1]["secrets_allowed"] = kinds
        return Cleared(revalidated(Report.model_validate(data)), files)
    _require_text(files, in_files, places)
    data = _redacted_data(data, secrets, known)
    data["title"] = data["title"][:MAX_TITLE]
    data["events"][-1]["secrets_redacted"] = kinds
    if data["story"] != after.story:
        data["story_redacted_sha256"] = seal(data["story"])
    changed = {name: _redacted_file(content, in_files[name]) for name, content in files.items()}
    for attachment in data.get("attachments", []):
        name = attachment["file"]
        if name in changed and changed[name] != files[name]:
            attachment["original_sha256"] = attachment["sha256"]
            attachment["sha256"] = hashlib.sha256(changed[name]).hexdigest()
            attachment["bytes"] = len(changed[name])
    return Cleared(revalidated(Report.model_validate(data)), changed)


def find(text: str) -> Found:
    """Return the secrets in a text, each with its kind."""
    found: Found = {}
    for match in _PRIVATE_KEY.finditer(text):
        found[match[0]] = "private key"
    for pattern in _PASSWORDS:
        for match in pattern.finditer(text):
            found.setdefault(match[1], "password")
    for match in _CARD.finditer(text):
        if _is_card(match[0]):
            found.setdefault(match[0], "card number")
    return {**found, **_tokens(text)}


def find_in_file(content: bytes) -> Found:
    """Return the secrets in a file; where it is no text only those that have a shape of their own."""
    if _is_binary(content):
        text = _readable(content)
        return {match[0]: "private key" for match in _PRIVATE_KEY.finditer(text)} | _tokens(text)
    return find(_readable(content))


def redact(text: str, found: Found) -> str:
    """Return the text with a placeholder for each secret, the same for the same secret wherever it stands.

    The four digits tell two secrets apart; they are too few to find one by trying.
    """
    if not found:
        return text
    longest_first = sorted(found, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda match: _placeholder(match[0], found), text)


def _placeholder(secret: str, found: Found) -> str:
    told = re.sub(r"[ -]", "", secret) if found[secret] == "card number" else secret
    mark = hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:_MARK_DIGITS]
    return f"[redacted {found[secret]} {mark}]"


def _tokens(text: str) -> Found:
    """Return what the detectors of services find."""
    if all(map(_NO_TOKEN.fullmatch, _LONG_WORD.findall(text))):
        return {}
    found = {}
    scanned = "\n".join(_bounded_lines(text))
    for kind, pattern in _detectors():
        for match in pattern.finditer(scanned):
            # A group is what follows a name (`aws_secret = …`), or only the prefix of a token.
            secret = max(match.groups(default=""), key=len, default="")
            found[secret if len(secret) >= _SHORTEST_TOKEN else match[0] + _rest(scanned, match.end())] = kind
    return found


def _rest(text: str, start: int) -> str:
    """Return what goes on from here: a detector may be content with the beginning of a token."""
    going_on = _TOKEN_CHARACTERS.match(text, start)
    return going_on[0] if going_on else ""


def _bounded_lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if len(line) <= _LONGEST_LINE:
            yield line
        else:
            yield from (line[start : start + _LONGEST_LINE] for start in range(0, len(line), _LONGEST_LINE - _OVERLAP))


@cache
def _detectors() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the patterns of the services, with the kind of secret that each finds.

    Never through the library's own scan: it would ask a service whether the secret is valid.
    """
    from detect_secrets.plugins import (
        artifactory,
        aws,
        azure_storage_key,
        cloudant,
        discord,
        github_token,
        gitlab_token,
        ibm_cloud_iam,
        ibm_cos_hmac,
        jwt,
        mailchimp,
        npm,
        openai,
        pypi_token,
        sendgrid,
        slack,
        softlayer,
        square_oauth,
        stripe,
        telegram_token,
        twilio,
    )

    detectors: tuple[RegexBasedDetector, ...] = (
        artifactory.ArtifactoryDetector(),
        aws.AWSKeyDetector(),
        azure_storage_key.AzureStorageKeyDetector(),
        cloudant.CloudantDetector(),
        discord.DiscordBotTokenDetector(),
        github_token.GitHubTokenDetector(),
        gitlab_token.GitLabTokenDetector(),
        ibm_cloud_iam.IbmCloudIamDetector(),
        ibm_cos_hmac.IbmCosHmacDetector(),
        jwt.JwtTokenDetector(),
        mailchimp.MailchimpDetector(),
        npm.NpmDetector(),
        openai.OpenAIDetector(),
        pypi_token.PypiTokenDetector(),
        sendgrid.SendGridDetector(),
        slack.SlackDetector(),
        softlayer.SoftlayerDetector(),
        square_oauth.SquareOAuthDetector(),
        stripe.StripeDetector(),
        telegram_token.TelegramBotTokenDetector(),
        twilio.TwilioKeyDetector(),
    )
    return tuple((detector.secret_type, pattern) for detector in detectors for pattern in detector.denylist)


def _is_card(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    digits = [int(char) for char in reversed(number) if char.isdigit()]
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[1::2])
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _data(report: Report) -> dict[str, Any]:
    return report.model_dump(by_alias=True, exclude_none=True)


def _texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a report with its place, but for what was computed."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in _COMPUTED:
                yield from _texts(part, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for part in value:
            name = part.get("id", "") if isinstance(part, dict) else ""
            yield from _texts(part, f"{where}.{name}" if name else where)


def _redacted_data(value: Any, secrets: Found, known: set[str]) -> Any:
    if isinstance(value, str):
        return value if value in known else redact(value, secrets)
    if isinstance(value, dict):
        return {key: part if key in _COMPUTED else _redacted_data(part, secrets, known) for key, part in value.items()}
    return [_redacted_data(part, secrets, known) for part in value] if isinstance(value, list) else value


def _places(where: str, text: str, found: Found) -> list[Secret]:
    """Return where each secret stands first, in the order of the text."""
    starts = sorted((text.find(secret), secret) for secret in found)
    return [Secret(found[secret], where, text.count("\n", 0, start) + 1, _masked(secret)) for start, secret in starts]


def _masked(secret: str) -> str:
    shown = secret[:_SHOWN_CHARACTERS] if len(secret) >= 4 * _SHOWN_CHARACTERS else ""
    return f"{shown}… ({len(secret)} characters)"


def _is_binary(content: bytes) -> bool:
    return b"\0" in content and _wide(content) is None


def _wide(content: bytes) -> str | None:
    """Return the encoding of a text in 16-bit characters, as some systems write their logs."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith(mark):
            return encoding
    return None


def _readable(content: bytes) -> str:
    """Return a file as text; a byte that is no UTF-8 stays a character, so that nothing is lost on the way back."""
    encoding = _wide(content)
    return content.decode(encoding, "surrogatepass") if encoding else content.decode("utf-8", "surrogateescape")


def _redacted_file(content: bytes, found: Found) -> bytes:
    if not found:
        return content
    text = redact(_readable(content), found)
    encoding = _wide(content)
    return text.encode(encoding, "surrogatepass") if encoding else text.encode("utf-8", "surrogateescape")


def _require_text(files: Mapping[str, bytes], in_files: Mapping[str, Found], places: list[Secret]) -> None:
    stuck = [name for name, found in in_files.items() if found and _is_binary(files[name])]
    if stuck:
        raise SecretFound(
            [place for place in places if place.where in stuck],
            hint=f"nothing can be replaced in {', '.join(stuck)}, which is no text: leave it out, or --allow-secret",
        )
