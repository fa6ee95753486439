"""The slots of the built-in templates: what to ask the writer for each, and a sample in every language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

Value = str | datetime | timedelta
"""What a slot holds; a time and a span are spoken in the customer's language, and a time in the customer's zone."""


class Slot(NamedTuple):
    """A slot: the question to the writer, and samples by language; a time needs one for all of them."""

    question: str
    en: Value
    de: Value | None = None

    def sample(self, language: str) -> Value:
        """Return the sample for a language, else the English one."""
        return (self.de if language.startswith("de") else None) or self.en


_AT = datetime(2026, 11, 23, 16, tzinfo=UTC)

SLOTS: dict[str, Slot] = {
    "alternative": Slot(
        "What can we offer instead?",
        "The report can be exported in two halves; both open in one step.",
        "Der Bericht lässt sich in zwei Hälften exportieren; beide öffnen sich in einem Schritt.",
    ),
    "attempts": Slot(
        "Where did we try, and how often?",
        "Firefox 131 on Windows 11 and Safari 18 on macOS 15, 20 runs each",
        "Firefox 131 unter Windows 11 und Safari 18 unter macOS 15, je 20 Durchläufe",
    ),
    "behavior": Slot(
        "How is the product designed to work?",
        "A draft keeps its old number until it is sent.",
        "Ein Entwurf behält seine alte Nummer, bis er gesendet wird.",
    ),
    "cause_plain": Slot(
        "What happened, in words for the customer?",
        "The export waited for a lock that an earlier export still held.",
        "Der Export wartete auf eine Sperre, die ein früherer Export noch hielt.",
    ),
    "change_plain": Slot(
        "What did we change, in words for the customer?",
        "The export gives the lock back when it ends.",
        "Der Export gibt die Sperre am Ende wieder frei.",
    ),
    "checking": Slot(
        "What is being checked now?",
        "the timing of two exports that run at once",
        "der Ablauf zweier Exporte, die gleichzeitig laufen",
    ),
    "confirmed": Slot(
        "What is confirmed so far?",
        "the export stops at row 10,000",
        "der Export bleibt bei Zeile 10.000 stehen",
    ),
    "customer_steps": Slot(
        "What does the customer have to do?",
        "Please sign out and in again.",
        "Bitte melden Sie sich ab und wieder an.",
    ),
    "differences": Slot(
        "Which differences are still open?",
        "your proxy and the size of your file",
        "Ihr Proxy und die Größe Ihrer Datei",
    ),
    "done_actions": Slot(
        "What have we changed so that it stays away?",
        "exports of this size are tested with every version",
        "Exporte dieser Größe werden mit jeder Version geprüft",
    ),
    "escape_plain": Slot(
        "Why did our checks let it through?",
        "Our tests export one file at a time.",
        "Unsere Tests exportieren immer nur eine Datei.",
    ),
    "external_role": Slot(
        "Whom have we brought in?",
        "the maintainers of the database",
        "die Entwickler der Datenbank",
    ),
    "impact": Slot(
        "'We are sorry that …' what?",
        "your month-end run is held up",
        "Ihr Monatsabschluss dadurch stillsteht",
    ),
    "late_by": Slot("How late is the first answer?", timedelta(minutes=40)),
    "limits": Slot(
        "What are the effects and limits of the workaround?",
        "files of up to 5,000 rows",
        "Dateien mit bis zu 5.000 Zeilen",
    ),
    "name": Slot("What is the customer called?", "Ana Ruiz"),
    "next_update": Slot("By when do we write again?", _AT),
    "offer": Slot("What do we offer?", "a credit of 40.00 EUR", "eine Gutschrift über 40,00 EUR"),
    "offer_steps": Slot(
        "How does the customer receive it?",
        "It is on your next invoice.",
        "Sie steht auf Ihrer nächsten Rechnung.",
    ),
    "open_actions": Slot(
        "What follows, and by when?",
        "a limit on waiting, by 15 December 2026",
        "eine Grenze für das Warten, bis 15. Dezember 2026",
    ),
    "owner": Slot("Who writes?", "Kim Park"),
    "promised": Slot("By when had we promised to write?", _AT - timedelta(hours=4)),
    "questions": Slot(
        "What do we ask?",
        "1. Which version do you use?\n2. What does the screen show?",
        "1. Welche Version verwenden Sie?\n2. Was zeigt der Bildschirm?",
    ),
    "reason": Slot(
        "What is our reason?",
        "other customers rely on the order of the columns",
        "andere Kunden verlassen sich auf die Reihenfolge der Spalten",
    ),
    "ref": Slot("What is the report's id?", "CR-261122-7K3M"),
    "steps": Slot(
        "What are the steps?",
        "Open the draft, and choose Send.",
        "Öffnen Sie den Entwurf und wählen Sie „Senden“.",
    ),
    "version": Slot("Which version has the correction?", "8.10.3"),
    "verify_by": Slot("By when do we ask for confirmation?", _AT + timedelta(days=4)),
    "workaround": Slot(
        "How can the customer continue until then?",
        "Export the file in two halves.",
        "Exportieren Sie die Datei in zwei Hälften.",
    ),
}


def question_for(slot: str) -> str:
    """Return what to ask the writer for a slot, also for one of a tracker's own templates."""
    return SLOTS[slot].question if slot in SLOTS else f"What goes into {slot}?"


def sample_of(slot: str, language: str) -> Value:
    """Return a sample for a slot; for one of a tracker's own its name."""
    return SLOTS[slot].sample(language) if slot in SLOTS else f"[{slot}]"
