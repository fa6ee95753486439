"""The quotation at the end of a mail is left away where all of it is known, and nothing else ever is."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.intake.quoting import own_words

STORY = """Hello,

the export of March stops at about 40 %, and then a red box comes up:

    EXPORT-507: worker terminated
"""
OURS = """Hello Jo,

Thank you for reporting this. We are sorry that your month-end run was held up, and the export has our full attention.
Which browser do you use? Our next update reaches you by Mon 30 Nov 2026, 12:00 UTC.

Ana Reyes"""
EARLIER = "It was Firefox."
KNOWN = (STORY, OURS, EARLIER)
OWN = "It is Firefox 120.\n\n-- \nJo Müller"


def marked(text: str, mark: str = "> ", width: int = 1000) -> str:
    lines = [textwrap.wrap(line, width, break_on_hyphens=False) for line in text.splitlines()]
    return "\n".join(f"{mark}{part}".rstrip() for line in lines for part in line or [""])


US = "Support <support@billing.example>"
OUTLOOK = f"From: {US}\nSent: Monday, November 16, 2026 10:00\nTo: Jo\nSubject: RE: Export\n\n"
GERMAN = f"Von: {US}\nGesendet: Montag, 16. November 2026 10:00\nAn: Jo\nBetreff: AW: Export\n\n"
HOTMAIL = f"Subject: RE: Export\nFrom: {US}\nTo: jo@acme.example\nDate: Mon, 16 Nov 2026\n\n"
GMAIL = f"On Mon, Nov 16, 2026 at 10:00 AM {US} wrote:\n\n"
APPLE = f"On 16 Nov 2026, at 10:00, {US} wrote:\n\n"
BROKEN = "On Mon, Nov 16, 2026 at 10:00 AM Support for Billing\n<support@billing.example>\nwrote:\n\n"
BROKEN_GERMAN = "Am Mo., 16. Nov. 2026 um 10:00 Uhr schrieb Support <\nsupport@billing.example>:\n\n"
STYLES = {
    "gmail": GMAIL + marked(OURS),
    "gmail, broken over lines": BROKEN + marked(OURS),
    "gmail in German": BROKEN_GERMAN + marked(OURS),
    "gmail as HTML": GMAIL + OURS,
    "apple": APPLE + marked(OURS),
    "apple, all marked": marked(APPLE + OURS),
    "apple in German": f"Am 16.11.2026 um 10:00 schrieb {US}:\n\n{marked(OURS)}",
    "thunderbird": f"Am 16.11.26 um 10:00 schrieb Support:\n{marked(OURS, width=60)}",
    "in French": f"Le lun. 16 nov. 2026 à 10:00, {US} a écrit :\n{marked(OURS)}",
    "in Russian": f'16.11.2026 10:00 пользователь "Support" <s@b.example> написал:\n{marked(OURS)}',
    "outlook": OUTLOOK + OURS,
    "outlook in German": GERMAN + OURS,
    "outlook with a line": f"{'_' * 32}\n{OUTLOOK}{OURS}",
    "outlook of old": f"-----Original Message-----\n{OUTLOOK}{OURS}",
    "outlook of old in German": f"-----Ursprüngliche Nachricht-----\n{GERMAN}{OURS}",
    "hotmail": marked(HOTMAIL + OURS),
    "marks alone": marked(OURS),
    "only a part of it": marked(OURS.splitlines()[2]),
    "broken anew": marked(OURS, width=40),
    "a quotation in it": f"{GMAIL}{marked(OURS)}\n>\n{marked(APPLE)}\n{marked(STORY, '> > ')}",
    "a long conversation": f"{OUTLOOK}{OURS}\n\n{GERMAN}{EARLIER}\n\n{OUTLOOK}{STORY}",
}


@pytest.mark.parametrize("style", STYLES)
def test_what_a_program_quotes_is_left_away(style: str) -> None:
    assert own_words(f"{OWN}\n\n{STYLES[style]}\n", KNOWN) == OWN


@pytest.mark.parametrize("style", STYLES)
def test_what_is_not_known_is_kept(style: str) -> None:
    text = f"{OWN}\n\n{STYLES[style]}"
    kept = own_words(text, [STORY, EARLIER])
    assert text.startswith(kept)
    assert "Which browser" not in text or "Which browser" in kept
    assert "Thank you for reporting this." in kept
    assert own_words(text, []) == text


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("word", ["Firefox", "> No", "yes"])
def test_a_word_that_somebody_wrote_into_the_quotation_is_never_lost(style: str, word: str) -> None:
    lines = f"{OWN}\n\n{STYLES[style]}".split("\n")
    place = next(number for number, line in enumerate(lines) if "reporting" in line) + 1
    text = "\n".join([*lines[:place], word, *lines[place:]])
    kept = own_words(text, KNOWN)
    assert text.startswith(kept)
    assert "\n".join([*lines[:place], word]) in kept
    at_the_end = f"{OWN}\n\n{STYLES[style]}\n\n{word}"
    assert own_words(at_the_end, KNOWN) == at_the_end


@pytest.mark.parametrize(
    "text",
    [
        "It is Firefox.",
        "",
        "At 10:05 the log said:\n> EXPORT-507: worker terminated",
        f"{marked(OURS)}\n\nIt is Firefox.",
        f"{marked('Which browser do you use?')}\nFirefox",
        marked(OURS),
        OURS,
        "It fails.\nFrom: the export page\nTo: the invoice\nDate: today\nit fails",
        "It fails.\nFrom: Jo\nSent: today\nSubject: x",
        "It fails.\nFrom: Jo\nHello Jo,",
        "It fails.\nOn Monday at 10:05 Bob wrote:\nHello Jo,",
        "It fails.\nOn Mon, Nov 16, 2026 at 10:00 AM Support <s@b.example> wrote:",
        "It fails.\n-----\nHello Jo,",
        f"It fails. Somebody wrote:\n\n{OURS}",
        f"It fails as of 16.11.2026:\n\n{OURS}",
    ],
)
def test_what_is_no_quotation_at_the_end_is_kept(text: str) -> None:
    assert own_words(text, KNOWN) == text


@pytest.mark.parametrize("own", ["It is Firefox", "Am Montag ging es noch.", "On Friday it worked!\nJo"])
@pytest.mark.parametrize("says", [GMAIL, APPLE, BROKEN, BROKEN_GERMAN, f"{US} wrote on 16.11.2026, 10:00:\n"])
def test_a_line_of_one_s_own_right_above_is_not_lost(own: str, says: str) -> None:
    assert own_words(f"{own}\n{says}{marked(OURS)}", KNOWN) == own


FURNITURE = ("On 1.1.2026 10:00 Jo wrote:", "From: a", "To: b", "Sent: c", "---")
LINES = st.sampled_from(["Hello Jo,", "x", "", "> x", ">> Ana Reyes", *FURNITURE, *OURS.split("\n")])


@given(st.lists(LINES, max_size=12))
def test_nothing_is_left_away_but_an_end_all_of_whose_words_are_known(lines: list[str]) -> None:
    text = "\n".join(lines)
    kept = own_words(text, KNOWN)
    assert text.startswith(kept)
    known = {word for one in KNOWN for word in one.split()}
    furniture = {">", ">>", *" ".join(FURNITURE).split()}
    assert {*text[len(kept) :].split()} <= known | furniture


@pytest.mark.parametrize("line", ["> x\n", "x:\n", "From: a\n", f"{FURNITURE[0]}\n", f"{'>' * 99}\n", "-", "a@"])
@pytest.mark.parametrize("size", [400_000, 9_000_000])
def test_an_endless_text_of_a_stranger_is_kept(line: str, size: int) -> None:
    text = line * (size // len(line))
    assert own_words(text, [text[:4_000_000], *KNOWN]) == text
