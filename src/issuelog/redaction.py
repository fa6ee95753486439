"""Secrets in what a change adds: found before the commit, since history cannot forget.

Keys and tokens of services are found by the detectors of detect-secrets, which know their shapes. The rest is ours, in
`secret_patterns`: a password that somebody tells, a card number, a private key as a whole. Nothing that is found leaves
the process: it is named by its kind and place, and shown masked.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from issuelog.errors import Refused
from issuelog.model.lifecycle import revalidated
from issuelog.model.report import MAX_TITLE, Report, seal
from issuelog.secret_patterns import PRIVATE_KEY, cards, tokens, told

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

# What nobody typed is not searched; what is one of a few words is never replaced, since it would be none of them.
_COMPUTED = frozenset({"id", "sha256", "original_sha256", "story_sha256", "story_redacted_sha256"})
_WORDS = frozenset({"action", "from", "to", "state", "channel", "kind", "direction", "severity"})
# A commit has its author, and a file its name, outside the report as well.
_NAMES = frozenset({"by", "recorded_by", "file"})
_AS_IT_IS = _COMPUTED | _WORDS | _NAMES
_SHOWN_CHARACTERS = 4
_MARK_DIGITS = 4
_LISTED_AT_MOST = 20
_HEAD = 3
_LOOKED_AT = 4096
_PLACEHOLDER = re.compile(r"\[redacted [^\]\n]{1,60} [0-9a-f]{4}\]")


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
        listed = "".join(f"\n  {secret}" for secret in secrets[:_LISTED_AT_MOST])
        if len(secrets) > _LISTED_AT_MOST:
            listed += f"\n  and {len(secrets) - _LISTED_AT_MOST} more"
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
    texts = [*fresh, *((name, _readable(content)) for name, content in files.items())]
    in_files = {name: find_in_file(content) for name, content in files.items()}
    found_in = [*(find(text) for _, text in fresh), *in_files.values()]
    places = [
        place for (where, text), found in zip(texts, found_in, strict=True) for place in _places(where, text, found)
    ]
    if not places:
        return Cleared(after, files)
    if handling == "refuse":
        raise SecretFound(places)
    if handling == "allow":
        data["events"][-1]["secrets_allowed"] = sorted({place.kind for place in places})
        return Cleared(revalidated(Report.model_validate(data)), files)
    secrets = {secret: kind for found in found_in for secret, kind in found.items()}
    _require_replaceable(fresh, secrets)
    _require_text(files, secrets)
    return _redacted(after, files, secrets, known, places)


def _redacted(
    after: Report, files: Mapping[str, bytes], secrets: Found, known: set[str], places: list[Secret]
) -> Cleared:
    """Return the change with placeholders. Raises SecretFound where a placeholder cannot stand."""
    data = _redacted_data(_data(after), secrets, known)
    if data["title"] not in known:
        data["title"] = _shortened(data["title"], secrets)
    data["events"][-1]["secrets_redacted"] = sorted({place.kind for place in places})
    if data["story"] != after.story:
        data["story_redacted_sha256"] = seal(data["story"])
    changed = {name: _redacted_file(content, secrets) for name, content in files.items()}
    for attachment in data.get("attachments", []):
        name = attachment["file"]
        if name in changed and changed[name] != files[name]:
            attachment["original_sha256"] = attachment["sha256"]
            attachment["sha256"] = hashlib.sha256(changed[name]).hexdigest()
            attachment["bytes"] = len(changed[name])
    try:
        return Cleared(revalidated(Report.model_validate(data)), changed)
    except ValidationError:
        hint = "a placeholder cannot stand everywhere there: write it without the secret, or --allow-secret"
        raise SecretFound(places, hint=hint) from None


def _require_replaceable(fresh: list[tuple[str, str]], secrets: Found) -> None:
    stuck = []
    for where, text in fresh:
        field = where.rpartition(".")[2]
        if field in _NAMES:
            stuck += _places(where, text, secrets)
        elif field in _WORDS:
            stuck += _places(where, text, find(text))
    if stuck:
        raise SecretFound(stuck, hint="nothing is replaced in the name of a person or a file: give another, without it")


def _shortened(title: str, secrets: Found) -> str:
    """Return a title that is short enough, without a part of a placeholder or of a secret at its end."""
    end = min(len(title), MAX_TITLE)
    end = next((mark.start() for mark in _PLACEHOLDER.finditer(title) if mark.start() < end < mark.end()), end)
    kept = title[:end].rstrip("…")
    parts = (secret[:size] for secret in secrets for size in range(_HEAD, min(len(secret), len(kept) + 1)))
    longest = max((part for part in parts if kept.endswith(part)), key=len, default="")
    return kept[: len(kept) - len(longest)].rstrip() + "…" if longest else title[:end]


def find(text: str) -> Found:
    """Return the secrets in a text, each with its kind."""
    found: Found = {match[0]: "private key" for match in PRIVATE_KEY.finditer(text)}
    found |= dict.fromkeys(cards(text), "card number")
    return {**dict.fromkeys(told(text), "password"), **found, **_tokens(text)}


def find_in_file(content: bytes) -> Found:
    """Return the secrets in a file; where it is no text only those that have a shape of their own."""
    text = _readable(content)
    if _is_binary(content):
        return {match[0]: "private key" for match in PRIVATE_KEY.finditer(text)} | _tokens(text)
    return find(text)


def redact(text: str, found: Found) -> str:
    """Return the text with a placeholder for each secret, the same for the same secret wherever it stands.

    The four digits tell two secrets apart. They are too few to work a secret out, but whoever guesses one can see by
    them that the guess may be right, and by the seal over the original text that it is.
    """
    parts, done = [], 0
    for start, secret in _occurrences(text, found):
        parts += [text[done:start], _placeholder(secret, found[secret])]
        done = start + len(secret)
    return "".join([*parts, text[done:]])


def _occurrences(text: str, found: Found) -> Iterator[tuple[int, str]]:
    """Yield each place of a secret in the text, in its order; of two that begin in one place the longer.

    By the first characters, since a file may hold a hundred thousand secrets.
    """
    sizes: dict[str, set[int]] = {}
    for secret in found:
        sizes.setdefault(secret[:_HEAD], set()).add(len(secret))
    longest_first = {head: sorted(lengths, reverse=True) for head, lengths in sizes.items()}
    done = 0
    for start in range(len(text) if found else 0):
        if start >= done and (lengths := longest_first.get(text[start : start + _HEAD])):
            for secret in (text[start : start + size] for size in lengths):
                if secret in found:
                    yield start, secret
                    done = start + len(secret)
                    break


def _placeholder(secret: str, kind: str) -> str:
    meant = re.sub(r"\D", "", secret) if kind == "card number" else secret
    mark = hashlib.sha256(meant.encode("utf-8", "surrogateescape")).hexdigest()[:_MARK_DIGITS]
    return f"[redacted {kind} {mark}]"


def _tokens(text: str) -> Found:
    """Return the tokens of services: those with a prefix of our table, and what the detectors find."""
    if all(map(_NO_TOKEN.fullmatch, _LONG_WORD.findall(text))):
        return {}
    found = dict(tokens(text))
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
        return {key: part if key in _AS_IT_IS else _redacted_data(part, secrets, known) for key, part in value.items()}
    return [_redacted_data(part, secrets, known) for part in value] if isinstance(value, list) else value


def _places(where: str, text: str, found: Found) -> list[Secret]:
    """Return where each secret stands first, in the order of the text."""
    places: dict[str, Secret] = {}
    line, counted = 1, 0
    for start, secret in _occurrences(text, found):
        line, counted = line + text.count("\n", counted, start), start
        places.setdefault(secret, Secret(found[secret], where, line, _masked(secret)))
    return list(places.values())


def _masked(secret: str) -> str:
    shown = secret[:_SHOWN_CHARACTERS] if len(secret) >= 4 * _SHOWN_CHARACTERS else ""
    return f"{shown}… ({len(secret)} characters)"


def _is_binary(content: bytes) -> bool:
    return b"\0" in content and _wide(content) is None


def _wide(content: bytes) -> str | None:
    """Return the encoding of a text in 16-bit characters, as some systems write their logs, with a mark or without."""
    if len(content) % 2:
        return None
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith(mark):
            return encoding
    first, second = (content[at:_LOOKED_AT:2] for at in (0, 1))
    for zeros, others, encoding in ((second, first, "utf-16-le"), (first, second, "utf-16-be")):
        # Most of what is written has a zero byte in each character, and text has none besides.
        if zeros.count(0) * 2 > len(zeros) and not others.count(0):
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


def _require_text(files: Mapping[str, bytes], secrets: Found) -> None:
    stuck = {name: _places(name, _readable(content), secrets) for name, content in files.items() if _is_binary(content)}
    places = [place for found in stuck.values() for place in found]
    if places:
        names = ", ".join(name for name, found in stuck.items() if found)
        raise SecretFound(
            places, hint=f"nothing can be replaced in {names}, which is no text: leave it out, or --allow-secret"
        )
