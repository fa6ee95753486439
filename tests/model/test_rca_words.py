"""Texts as tired engineers write them, and good ones that must not be blamed: the latter are worse to get wrong."""

from __future__ import annotations

import pytest

from issuelog.model.rca.likeness import alike, person_in, phrase_in
from issuelog.model.rca.rules import only_hopes
from issuelog.model.rca.words import BLAME

PEOPLE = (
    *("Ana Reyes <ana@example.com>", "Li Wei <li@example.com>", "Kim Lee <kim@example.com>"),
    *("Will Hunt <will@example.com>", "Anna Grün <anna@example.com>", "Sam <sam@example.com>"),
    *("support@example.com", "Export Team <export@example.com>"),
)

BLAMING = (
    "the developer forgot to raise the limit",
    "Developer forgot the index",
    "It was Human Error",
    "human-error in the night shift",
    "a human mistake",
    "an oversight by the developer",
    "the engineer didn't check the config",
    "the developer did not test it",
    "Nobody paid attention",
    "we were not careful enough",
    "a mistake by the admin",
    "Kim's change broke it",
    "because Ana was on holiday",
    "ana reyes merged it",
    "li@example.com had the key",
    "Will Hunt set it, and Sam too",
    "Sam did it",
    "the reviewer missed it",
    "the reviewer overlooked the line",
    "it was overlooked",
    "a careless mistake",
    "sloppy work before the release",
    "lack of attention",
    "was caused by user error",
    "he forgot",
    "I forgot to run the script",
    "We forgot to migrate",
    "somebody misread the runbook",
    "the reviewer should have been more careful",
    "programmer error",
    "menschliches Versagen",
    "der Entwickler hat es vergessen",
    "ein Flüchtigkeitsfehler",
    "der Kollege hat nicht aufgepasst",
    "Schlamperei im Betrieb",
    "es wurde übersehen",
    "wir haben vergessen, das Limit zu erhöhen",
    "aus Versehen gelöscht",
)
INNOCENT = (
    "nobody is told when the job fails",
    "nobody owns the limit",
    "nothing asks whether the limit still holds",
    "the page says 'it was human error' whatever happened",
    "the mail 'forgot your password?' is not sent",
    'the label "Ana Reyes" is cut off',
    "the forgotten-password page has no test",
    "the user error page hides the real cause",
    "the cache forgot its keys after the restart",
    "the process forgets its state",
    "the parser swallows the mistake in the file",
    "users can enter a negative amount, and no check refuses it",
    "we did not test files over 2 GB",
    "the team did not know the limit: no page tells it",
    "the operator of the comparison was < instead of <=",
    "the Kubernetes operator did not check the quota",
    "Will the limit hold? Nothing asks",
    "the May release had no migration test",
    "Mark as read is not idempotent",
    "the reviewer checklist does not name limits",
    "the developer guide does not mention the limit",
    "the careless default of the library: no timeout",
    "the on-call rota has gaps at weekends",
    "the Sam file format has no version",
    "the Lee distance was computed twice",
    "the export team queue has no alarm",
    "support@example.com bounces mails over 20 MB",
    "Bob's scheduler has no owner",
    "files over 2 GB were overlooked by the linter",
    "the intern table has no index",
    "a kimono, a willow and an anagram are in the fixtures",
    "die Prüfung übersieht leere Zeilen",
    "die Meldung „Passwort vergessen“ wird nicht versandt",
    "es gibt keine Regel für das Wochenende",
)


def blames(text: str) -> object:
    return person_in(text, PEOPLE) or phrase_in(text, BLAME)


@pytest.mark.parametrize("text", BLAMING)
def test_a_why_that_ends_in_a_person_is_seen(text: str) -> None:
    assert blames(text)


@pytest.mark.parametrize("text", INNOCENT)
def test_a_why_that_names_the_system_is_not_blamed(text: str) -> None:
    assert blames(text) is None


VAGUE = (
    "be more careful with limits",
    "look into the memory",
    "Looking into it",
    "consider adding a limit",
    "We should consider more fixtures",
    "Improve monitoring",
    "improve the documentation",
    "better testing",
    "More tests",
    "discuss it in the team",
    "the team should discuss it",
    "talk to the team",
    "remind everybody to check",
    "make sure it does not happen again",
    "ensure this doesn't happen again",
    "double-check before deploying",
    "we need to investigate why",
    "further analysis",
    "try to reduce the memory",
    "Evaluate other formats.",
    "review the code more thoroughly",
    "follow the runbook",
    "keep an eye on it",
    "find out why",
    "check whether the limit is right",
    "see if we can raise the limit",
    "clarify who owns it",
    "investigate, and discuss the result",
    "Exporte genauer untersuchen",
    "besser testen",
    "Team sensibilisieren",
    "künftig darauf achten",
    "sich überlegen, ob ein Limit hilft",
    "klären, wer zuständig ist",
    "Dokumentation verbessern",
)
VISIBLE = (
    "stream all exports",
    "a nightly export of 10,000 lines",
    "improve the export: add a test of 10,000 lines",
    "improve the import by validating each row",
    "investigate the worker, then limit its memory to 1 GB",
    "the worker refuses files over 2 GB",
    "replace the 'Consider a restart' text by the cause",
    "show 'try to log in again' only after a timeout",
    'add a page "Be careful: this deletes data" before the deletion',
    "the reminder mail job gets an alarm",
    "explore page: limit rows to 1,000",
    "the analyse step runs in CI with a sanitizer",
    "the evaluate() call is removed",
    "turn on optimize=false in production builds",
    "CI fails when a query has no index",
    "alarm at 80 % of the memory",
    "raise the limit to 10,000",
    "delete the old importer",
    "two-person approval for production changes",
    "set a timeout of 30 s on each request",
    "generate carefully named fixtures of 10,000 lines",
    "Limit einbauen",
    "Prüfung im Formular, die negative Beträge abweist",
    "die Erinnerungsmail bekommt einen Test",
    "Export verbessern: einen Test mit 10.000 Zeilen schreiben",
)


@pytest.mark.parametrize("text", VAGUE)
def test_an_action_that_onlyonly_hopes_or_ponders_is_seen(text: str) -> None:
    assert only_hopes(text)


@pytest.mark.parametrize("text", VISIBLE)
def test_an_action_whose_end_can_be_seen_is_not_blamed(text: str) -> None:
    assert only_hopes(text) is None


SAME = (
    ("no test had more than 200 lines", "there was no test with more than 200 lines"),
    ("the limit was too low", "Because the limit was too low."),
    ("the worker ran out of memory", "the memory of the worker ran out"),
    ("the worker kept the file in memory", "The worker kept the whole file in memory."),
    ("tests are missing", "there are no tests"),
    ("the check is missing", "there is no check"),
    ("the alarm did not fire", "the alarm didn't fire"),
    ("der Alarm fehlte", "es war kein Alarm"),
)
OTHER = (
    ("200 lines were assumed", "200 files were planned"),
    ("the test had no limit", "the limit had no test"),
    ("the worker ran out of memory", "the host ran out of memory"),
    ("no test covers imports", "no test covers exports"),
    ("the alarm was off", "the alarm was on"),
    ("the alarm fired", "the alarm did not fire"),
    ("the limit is 200", "the limit is 2000"),
    ("fixtures are small", "fixtures are typed by hand"),
    ("the design had no limit on the size", "the design review had no limit on the size"),
    ("there is no owner of the limit", "there is no review of the limit"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_words_is_seen(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_the_next_step_is_not_taken_for_the_same(one: str, other: str) -> None:
    assert not alike(one, other)
