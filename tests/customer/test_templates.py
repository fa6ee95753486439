from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from issuelog.customer.lint import lint
from issuelog.customer.overrides import MAX_BYTES
from issuelog.customer.slots import SLOTS, question_for, sample_of
from issuelog.customer.templates import find, kinds, languages, promises, render, slots_of
from issuelog.customer.voice import worded
from issuelog.errors import InvalidFile, Missing, Refused, SlotsMissing, UsageError

KINDS = [
    "acknowledge",
    "acknowledge_late",
    "ask",
    "ask_chase",
    "cannot_reproduce",
    "closed",
    "compensation",
    "duplicate",
    "escalated",
    "no_response",
    "not_an_error",
    "not_reproduced",
    "rca_summary",
    "recurrence",
    "reopened",
    "resolution",
    "update",
    "update_late",
    "verify_chase",
    "verify_request",
    "withdrawn",
    "wont_fix",
    "workaround",
]


def values(language: str) -> dict[str, str]:
    return worded({slot: known.sample(language) for slot, known in SLOTS.items()}, ZoneInfo("Europe/Berlin"), language)


VALUES = values("en")
UPDATE = {slot: VALUES[slot] for slot in ("ref", "owner", "confirmed", "checking", "next_update")}


def override(folder: Path, text: str | bytes, language: str = "en", kind: str = "update") -> Path:
    path = folder / language / f"{kind}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_kinds() -> None:
    assert kinds() == KINDS


LANGUAGES = {"en": ("Hello", "Kim Park"), "de": ("Guten Tag", "Freundliche Grüße\nKim Park")}
"""How a message begins and ends in each language."""

every = pytest.mark.parametrize(("kind", "language"), [(kind, language) for kind in KINDS for language in LANGUAGES])


def test_the_languages() -> None:
    assert languages() == sorted(LANGUAGES)


@every
def test_every_kind_is_there_in_every_language_with_the_same_slots(kind: str, language: str) -> None:
    found = find(kind, language)
    assert (found.kind, found.language, found.own) == (kind, language, False)
    required, optional = found.slots()
    assert (set(required), set(optional)) == tuple(map(set, slots_of(kind)))
    assert {"ref", "owner"} <= set(required)
    assert "name" in optional


@every
def test_a_message_is_clean_with_its_required_slots_only(kind: str, language: str) -> None:
    known = values(language)
    text = render(kind, {slot: known[slot] for slot in slots_of(kind)[0]}, language=language)
    assert lint(text, kind, language=language) == []
    begin, end = LANGUAGES[language]
    assert text.startswith(f"{begin},\n\n")
    assert text.endswith(f"\n\n{end}")


@every
def test_a_message_is_clean_with_all_its_slots_and_says_each(kind: str, language: str) -> None:
    required, optional = slots_of(kind)
    known = values(language)
    text = render(kind, known, language=language)
    assert lint(text, kind, language=language) == []
    assert text.startswith(f"{LANGUAGES[language][0]} Ana Ruiz,\n\n")
    assert [slot for slot in required + optional if known[slot].rstrip(".") not in text] == []


@every
def test_a_message_is_evenly_spaced(kind: str, language: str) -> None:
    known = values(language)
    for slots in (known, {slot: known[slot] for slot in slots_of(kind)[0]}):
        text = render(kind, slots, language=language)
        assert "\n\n\n" not in text
        assert "  " not in text
        assert text == "\n".join(line.rstrip() for line in text.splitlines()).strip()


@pytest.mark.parametrize("kind", KINDS)
def test_what_promises_the_next_word_asks_for_its_time(kind: str) -> None:
    assert promises(kind) == ("next_update" in slots_of(kind)[0])


def test_every_slot_has_a_question_and_a_sample_and_no_other_has() -> None:
    assert set(SLOTS) == {slot for kind in KINDS for slots in slots_of(kind) for slot in slots}
    assert question_for("news") == "What goes into news?"
    assert sample_of("news", "en") == "[news]"


def test_slots_come_in_the_order_of_the_text() -> None:
    required = ["ref", "cause_plain", "change_plain", "verify_by", "owner"]
    assert slots_of("resolution") == (required, ["name", "impact", "version", "customer_steps"])


def test_without_steps_for_the_customer_the_resolution_says_that_none_are_needed() -> None:
    slots = {slot: value for slot, value in VALUES.items() if slot != "customer_steps"}
    assert "No action is needed on your side." in render("resolution", slots)
    assert f"What you need to do: {VALUES['customer_steps']}" in render("resolution", VALUES)


def test_every_missing_slot_is_named() -> None:
    with pytest.raises(SlotsMissing, match="the update message lacks confirmed, checking") as refused:
        render("update", {**UPDATE, "confirmed": " \n", "checking": ""})
    assert refused.value.slots == ("confirmed", "checking")
    assert refused.value.missing == (
        Missing("message", "the message needs confirmed", "--slot confirmed=TEXT   (or --message TEXT)"),
        Missing("message", "the message needs checking", "--slot checking=TEXT   (or --message TEXT)"),
    )


def test_a_blank_optional_slot_is_as_good_as_none() -> None:
    assert render("update", {**UPDATE, "name": " "}) == render("update", UPDATE)


def test_a_slot_that_the_template_does_not_have_is_ignored() -> None:
    assert render("update", {**UPDATE, "offer": "a credit"}) == render("update", UPDATE)


def test_an_impact_brings_no_second_full_stop() -> None:
    text = render("acknowledge", {**VALUES, "impact": "your run is held up. "})
    assert "We are sorry that your run is held up. Your report" in text


@pytest.mark.parametrize("words", ["{{ 7*7 }}", "{% for x in y %}", "{# no #}", "{{ owner", "<b>&amp;", "%(x)s"])
def test_values_are_never_templates(words: str) -> None:
    assert f"Confirmed so far: {words}\n" in render("update", {**UPDATE, "confirmed": words})


def test_braces_of_the_customer_are_a_false_alarm_that_can_be_waived() -> None:
    text = render("update", {**UPDATE, "confirmed": "the page shows {{ total }}"})
    assert {(finding.rule, finding.text) for finding in lint(text, "update")} == {("H01", "{{"), ("H01", "}}")}
    assert "waive H01" in lint(text, "update")[0].instead
    assert lint(text, "update", waived=["H01"]) == []


def test_an_unknown_kind_lists_the_kinds() -> None:
    with pytest.raises(UsageError, match=r"no message of kind '\.\./x'; there are acknowledge, .*, workaround"):
        render("../x", VALUES)
    with pytest.raises(UsageError):
        slots_of("x")


@pytest.mark.parametrize("language", ["fr", "en-GB", "EN", "", "../../en", "tlh-x", "x" * 300])
def test_a_language_without_templates_falls_back_to_english(language: str) -> None:
    assert render("update", UPDATE, language=language) == render("update", UPDATE)


def test_an_override_replaces_the_template(tmp_path: Path) -> None:
    override(tmp_path, "{{ ref }}: {{ news }}{% if more is defined %}, {{ more|upper }}{% endif %}\n")
    assert render("update", {"ref": "R", "news": "n"}, overrides=tmp_path) == "R: n"
    assert render("update", {"ref": "R", "news": "n", "more": "m"}, overrides=tmp_path) == "R: n, M"
    assert slots_of("update", overrides=tmp_path) == (["ref", "news"], ["more"])
    assert render("ask", VALUES, overrides=tmp_path) == render("ask", VALUES)


def test_an_override_serves_its_language_and_the_regions_of_it(tmp_path: Path) -> None:
    override(tmp_path, "Hallo {{ name }}", language="de")
    override(tmp_path, "Servus {{ name }}", language="de-AT")
    assert render("update", VALUES, language="de-CH", overrides=tmp_path) == "Hallo Ana Ruiz"
    assert render("update", VALUES, language="de-AT", overrides=tmp_path) == "Servus Ana Ruiz"
    assert render("update", VALUES, overrides=tmp_path) == render("update", VALUES)


def test_the_languages_of_overrides_are_there_too(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    override(folder, "Bonjour", language="fr")
    override(folder, "", language=".git")
    assert languages(folder) == ["de", "en", "fr"]
    assert find("update", "fr", folder).own
    assert not find("ask", "fr", folder).own


def test_a_language_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    override(tmp_path, "outside", language="out")
    inside = tmp_path / "templates"
    inside.mkdir()
    assert render("update", UPDATE, language="../out", overrides=inside) == render("update", UPDATE)


@pytest.mark.parametrize("linked", ["en/update.md", "en", "."])
def test_a_link_is_refused(tmp_path: Path, linked: str) -> None:
    folder = tmp_path / "templates"
    there = override(tmp_path / "real", "{{ ref }}")
    link = folder / linked
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to({"en/update.md": there, "en": there.parent, ".": there.parent.parent}[linked])
    with pytest.raises(InvalidFile, match="symbolic link"):
        render("update", UPDATE, overrides=folder)


def test_a_dangling_link_is_refused(tmp_path: Path) -> None:
    override(tmp_path, "").unlink()
    (tmp_path / "en" / "update.md").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InvalidFile, match="symbolic link"):
        render("update", UPDATE, overrides=tmp_path)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_not_a_regular_file_is_refused(tmp_path: Path, make: object) -> None:
    override(tmp_path, "").unlink()
    assert callable(make)
    make(tmp_path / "en" / "update.md")
    with pytest.raises(InvalidFile, match="not a regular file"):
        render("update", UPDATE, overrides=tmp_path)


def test_an_override_has_a_limit_and_is_utf_8(tmp_path: Path) -> None:
    override(tmp_path, "x" * MAX_BYTES)
    assert render("update", UPDATE, overrides=tmp_path) == "x" * MAX_BYTES
    override(tmp_path, "x" * (MAX_BYTES + 1))
    with pytest.raises(InvalidFile, match="larger than 64,000 bytes"):
        render("update", UPDATE, overrides=tmp_path)
    override(tmp_path, b"one\ntwo \xff")
    with pytest.raises(InvalidFile, match=r"update\.md:2:5: not UTF-8"):
        render("update", UPDATE, overrides=tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{% if ref %}", "end of template"),
        ("{{ ref", "end of template"),
        ("{% nonsense %}", "unknown tag"),
        ("{{ ''.__class__ }}", "no getattr"),
        ("{{ ref() }}", "no call"),
        ("{{ 9**999 }}", "no pow"),
        ("{% for x in ref %}{% endfor %}", "no for"),
        ("{% include 'x' %}", "no include"),
        ("{{ ref|center(99999999) }}", "no filter 'center'"),
        ("{{ 1 if ref is divisibleby(0) else 2 }}", "no test 'divisibleby'"),
        ("{% if x is defined %}{% endif %}{{ x }}", "'x' is undefined"),
        ("{% if ref %}" * 99 + "{% endif %}" * 99, "deeper than 20"),
    ],
)
def test_a_fault_of_an_override_has_its_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    path = override(tmp_path, f"Hello,\n\n{line}")
    with pytest.raises(InvalidFile, match=message) as invalid:
        render("update", UPDATE, overrides=tmp_path)
    [problem] = invalid.value.problems
    assert (problem.path, problem.line) == (str(path), 3)


@pytest.mark.parametrize("text", ["{{ " + "(" * 20_000, "{{ ref" + " and ref" * 7_000 + " }}", "{{" * 30_000])
def test_nesting_without_end_is_refused(tmp_path: Path, text: str) -> None:
    override(tmp_path, text)
    with pytest.raises(InvalidFile, match="deeper than 20"):
        render("update", UPDATE, overrides=tmp_path)


@pytest.mark.parametrize("name", ["range", "lipsum", "dict", "cycler"])
def test_a_template_sees_nothing_but_slots(tmp_path: Path, name: str) -> None:
    override(tmp_path, "{{ " + name + " }}")
    with pytest.raises(Refused, match=f"lacks {name}"):
        render("update", UPDATE, overrides=tmp_path)
