"""The values of mail headers: encoded words, parameters, people, dates, Message-IDs. Any of them may be garbage."""

from __future__ import annotations

import binascii
import itertools
import quopri
import re
import string
import urllib.parse
from datetime import datetime
from email.utils import parsedate_to_datetime

from issuelog.intake.text import MAX_CONTACT, decode, one_line, plausible_utc

MAX_REFERENCE = 300
"""Characters of a Message-ID that is kept: longer ones identify nothing that a person could look up."""

# The content ends at the first "?=", and cannot run into the next word: linear, unlike email.header's.
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([BbQq])\?((?:[^?=]|=(?!\?[^=])|\?(?!=))*+)\?=")
_WORDS = re.compile(rf"{_WORD.pattern}(?:\s*+{_WORD.pattern})*")
_PARAMETER = re.compile(r';\s*([^\s=;*"]+)(\*\d{1,3})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^;]*))')
_NAMED = re.compile(r'((?:"(?:[^"\\]|\\.)*+"|[^"<])*+)<([^<>]*)>')
_BARE = re.compile(r'([^\s<>(),;:"]{1,64}@[^\s<>(),;:"]{1,255})(?:\s*\(([^()]*)\))?')
_COMMENT = re.compile(r"\([^()]*\)")
_ESCAPED = re.compile(r'\\(["\\])')
_REFERENCE = re.compile(rf"<[^<>]{{1,{MAX_REFERENCE - 2}}}>")


def decode_words(value: str) -> str:
    """The header value with its encoded words decoded, and without the white space that parted them."""
    return _WORDS.sub(lambda words: _decode_run(words[0]), value)


def _decode_run(words: str) -> str:
    """Encoded words side by side; joined before they are decoded, for many senders cut within a character."""
    runs = itertools.groupby(_WORD.finditer(words), key=lambda word: word[1].partition("*")[0].lower())
    return "".join(decode(b"".join(map(_word_content, run)), charset) for charset, run in runs)


_NOT_BASE64 = bytes(set(range(256)) - set(b"+/" + (string.ascii_letters + string.digits).encode()))


def decode_base64(data: bytes) -> bytes:
    """As many bytes as there are; what follows the padding is the footer of some list server."""
    letters = data.partition(b"=")[0].translate(None, delete=_NOT_BASE64)
    if len(letters) % 4 == 1:  # cut off within a byte
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _word_content(word: re.Match[str]) -> bytes:
    content = word[3].encode()
    return quopri.decodestring(content, header=True) if word[2] in "Qq" else decode_base64(content)


def parameter(header: str, wanted: str) -> str:
    """One parameter of a header such as Content-Type, also in the pieces and the encoding of RFC 2231."""
    plain, extended = "", False
    pieces: dict[int, bytes] = {}
    for found in _PARAMETER.finditer(header):
        name, number, encoded, quoted, bare = found.groups()
        if name.lower() != wanted:
            continue
        value = bare.strip() if quoted is None else _ESCAPED.sub(r"\1", quoted)
        if encoded or number:
            extended = extended or bool(encoded)
            piece = urllib.parse.unquote_to_bytes(value) if encoded else value.encode()
            pieces.setdefault(int(number[1:]) if number else 0, piece)
        else:
            plain = plain or value
    whole = b"".join(pieces[number] for number in sorted(pieces))
    charset, _, rest = whole.partition(b"'")
    _language, quote, content = rest.partition(b"'")
    if extended and quote:
        return decode(content, charset.decode("ascii", "replace"))
    return decode_words(whole.decode() or plain)


def person(value: str) -> tuple[str, str]:
    """Name and address of the first person of an address header, either perhaps empty."""
    if "@" not in value and "<" not in value:  # some senders encode the address together with the name
        value = decode_words(value)
    if named := _NAMED.match(value):
        name, address = named[1].strip(), named[2]
    elif bare := _BARE.search(value):
        name, address = bare[2] or "", bare[1]
    else:
        name, address = value.strip(), ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = _ESCAPED.sub(r"\1", name[1:-1])
    address = one_line(address)
    return one_line(decode_words(name)), address if len(address) <= MAX_CONTACT else ""


def date(value: str) -> datetime | None:
    """The time of a Date header; None where it gives none that can be."""
    try:
        return plausible_utc(parsedate_to_datetime(_COMMENT.sub(" ", value[:100])))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def references(value: str) -> list[str]:
    """The Message-IDs of a header such as References, in its order; some senders leave the brackets away."""
    return [one_line(found[0]) for found in _REFERENCE.finditer(value)] or [
        word for word in value.split() if "@" in word and len(word) <= MAX_REFERENCE
    ]
