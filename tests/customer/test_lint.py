from __future__ import annotations

import re

import pytest

from issuelog.customer import templates
from issuelog.customer.lint import Finding, lint, rules
from issuelog.customer.rulebook import FLAGS, GROUPS, LEVELS, language_of
from issuelog.customer.sentences import sentences
from issuelog.errors import UsageError
from support.lint_scores import labelled

# For each rule: sentences that it catches, and look-alikes that it leaves alone. For a rule that requires
# something, the first are messages without it.
EXAMPLES: dict[str, tuple[list[str], list[str]]] = {
    "B01": (
        [
            "It's your fault.",
            "It’s entirely your own mistake.",
            "This was your error.",
            "The problem is on your side.",
            "The mistake lies with your end.",
            "The error was yours.",
            "It happened through a mistake you made.",
            "That is on you.",
            "It is obviously your fault.",
            "The problem is your fault.",
            "Your mistake caused this.",
            "You did something wrong.",
        ],
        [
            "This is your error code: E507.",
            "Please check whether you still see the error on your side.",
            "It was our mistake.",
            "The error you made us aware of is corrected.",
            "The default is not at fault.",
        ],
    ),
    "B02": (
        [
            "You should have checked the setting first.",
            "You could simply have read the manual.",
            "You really ought to have\nsaved the file.",
            "You were supposed to update.",
            "You should've read the guide.",
            "You shouldn't have deleted it.",
            "If only you had told us.",
            "If you had saved the file, nothing would be lost.",
            "Had you followed the guide, this would not have happened.",
        ],
        [
            "You should have received our mail on Monday.",
            "You might have noticed the delay.",
            "You should not have received this mail.",
            "You should not have been charged.",
            "You should have access again.",
            "Had you changed anything before the error appeared?",
            "If you had more than one file open, please list them.",
            "We should have checked the setting first.",
        ],
    ),
    "B03": (
        [
            "You forgot to save.",
            "You didn’t read the guide.",
            "You did not even check the log.",
            "You haven't updated the client.",
            "This follows from your failure to update.",
            "Did you even restart it?",
        ],
        [
            "If you have not updated yet, please install 4.2.",
            "In case you forgot to save, the draft is in the same folder.",
            "You did not receive the mail because our server was down.",
            "We failed to check the upload.",
        ],
    ),
    "B04": (
        ["This was a user error.", "A case of human-error.", "PEBKAC.", "RTFM", "It is a layer 8 problem."],
        ["The customer error report has 12 lines.", "The server answers 400, a client error.", "Layer 3 is up."],
    ),
    "B05": (
        [
            "You've broken the export.",
            "You entered the wrong code.",
            "You misread the guide.",
            "The outage was caused by your script.",
            "It happened because of your settings.",
            "It fails because your configuration is outdated.",
            "The list is empty because you deleted the folder.",
        ],
        [
            "It happened because your settings were lost in our update.",
            "If you entered the wrong address, you can change it here.",
            "The outage was caused by our script.",
            "The error appears when the folder is deleted.",
        ],
    ),
    "B06": (
        ["We saw your misconfiguration.", "Your incorrect use of the form stops it.", "Your lack of care shows."],
        ["We have replaced your incorrect invoice.", "We are sorry for your lack of access since Monday."],
    ),
    "B07": (
        [
            "It works fine for us.",
            "It works here.",
            "Nobody else has reported this.",
            "Nobody else complained.",
            "You are the only one who has complained.",
            "You're the only one.",
            "As we already told you, the export is slow.",
            "As I previously mentioned, it is slow.",
            "Calm down.",
        ],
        [
            "You are the only administrator of the account.",
            "As we mentioned on the phone, the export is slow.",
            "Please tell us whether it works for you.",
            "Nobody else has access to the account.",
        ],
    ),
    "B08": (
        [
            "You claim that the export fails.",
            "You claim the export crashes.",
            "Your claim that it fails was checked.",
            "The alleged error was checked.",
            "We looked at the so-called bug.",
        ],
        [
            "The refund you claimed is on its way.",
            "Your claim number is 4711.",
            "This is a so-called deadlock.",
            "The file is supposed to open.",
        ],
    ),
    "B09": (
        [
            "This is not our fault.",
            "Our developers broke it.",
            "Blame the network.",
            "It is our provider's fault.",
        ],
        ["We take responsibility.", "Our developers repaired it.", "Our provider's service failed."],
    ),
    "B10": (
        ["Simply open the file.", "Of course it works.", "Clearly, the file is gone.", "Just click the button."],
        ["We have just read your log.", "The totals are more clearly shown now.", "It is simpler now."],
    ),
    "K01": (
        [
            "We don't know the cause.",
            "We still do not fully understand it.",
            "I did not know that.",
            "We do not have any idea.",
            "We have no explanation.",
            "The cause is still unknown.",
            "Cause: unknown.",
            "It is still unclear why it stops.",
            "We have yet to find out why.",
            "We can't figure it out.",
            "It stopped for some unknown reason.",
            "We are unable to explain it.",
            "We cannot tell you when it stops.",
        ],
        [
            "We do not know of other cases.",
            "We know the cause.",
            "If we do not get it by Monday, we will call you.",
            "An unknown user name is refused.",
        ],
    ),
    "K02": (
        [
            "We are completely stumped.",
            "We're not sure.",
            "Not sure what happened.",
            "No idea why it stops.",
            "It remains a mystery.",
            "Who knows?",
            "It is hard to say.",
            "Nobody knows.",
        ],
        [
            "A colleague who knows the export looks at it.",
            "The two buttons are hard to tell apart.",
            "We lost the connection.",
            "We are sure that the file is complete.",
            "The program could not tell what format it was.",
        ],
    ),
    "K03": (
        ["There is nothing more we can do.", "We cannot help.", "We have given up.", "It is out of our hands."],
        ["We will not give up.", "The client gave up after 30 seconds.", "We can help with the import."],
    ),
    "K04": (
        [
            "You hear from us soon.",
            "We write as soon as possible.",
            "We answer shortly.",
            "It takes a while.",
            "Hopefully it works.",
        ],
        [
            "We write as soon as the fix is installed.",
            "It stopped shortly after 14:00.",
            "We changed it a while ago.",
            "No sooner had it started than it stopped.",
        ],
    ),
    "K05": (
        ["It is probably the cache.", "We think it is the cache.", "It may be caused by the cache."],
        ["Confirmed so far: it is the cache.", "The value may be changed later.", "You think in quarters."],
    ),
    "P01": (
        [
            "It will be fixed by tomorrow.",
            "We'll resolve this within 2 hours.",
            "We expect to have it: it should be restored this afternoon.",
            "Service is expected to be back up\nin about 30 min.",
            "We will have it fixed by Friday.",
            "The fix will be released on 24 November.",
            "You get the patch by 5 pm.",
            "The fix is expected on Monday.",
            "ETA for the fix: 5pm.",
        ],
        [
            "It will be fixed, and our next update reaches you by 17:00.",
            "It will be fixed. We write by 17:00.",
            "It will be restored in the same folder.",
            "It will be fixed by replacing the module.",
            "You should restore the file within 30 days.",
            "The fix will be released in version 4.2.",
        ],
    ),
    "P02": (
        [
            "We guarantee that it works.",
            "This will never happen again.",
            "It won’t ever happen again.",
            "It is 100% safe now.",
            "Under no circumstances will it stop.",
        ],
        [
            "The guarantee period ends in May.",
            "We cannot guarantee the order of the rows.",
            "The disk was 100 % full.",
            "It failed in 100% of our runs.",
            "If it happens again, answer this message.",
        ],
    ),
    "P03": (
        ["We are liable for the damage.", "We admit full liability.", "This was a breach of contract."],
        ["We are legally required to keep the data.", "Your contract is not touched.", "We are responsible."],
    ),
    "E01": (
        ["Thank you for reporting this.", "> We are sorry."],
        ["We are very sorry that it failed.", "We apologise.", "Please accept our apologies.", "Sorry about that."],
    ),
    "E02": (
        ["We are on it.", "> Thank you."],
        ["Thank you for reporting this.", "Many thanks.", "We appreciate your report."],
    ),
    "E03": (
        [
            "We are sorry if it failed.",
            "We apologize\nif it failed.",
            "Sorry that you feel this way.",
            "We regret any trouble this may have caused.",
        ],
        ["We are sorry. If it fails again, write to us.", "We are sorry that it failed."],
    ),
    "E04": (["Sorry for the inconvenience."], ["The store is closed; the convenience store is open."]),
    "H01": (
        ["Hello {{ name }},", "Hello [name],", "Hello <customer>,", "The date is TBD.", "{% if a %}", "${HOME}"],
        ["Open [Settings].", "a < b > c", "f{x} = {y}", "The size is xxl."],
    ),
    "H02": (
        [
            "AKIAABCDEFGHIJKLMNOP",
            "-----BEGIN RSA PRIVATE KEY-----",
            "DB_PASSWORD=swordfish",
            "Your password: sw0rdfish",
            "Your password is sw0rdfish.",
            "Password:\nswordfish",
            "It runs on 10.1.2.3 here.",
            "See http://db-1.internal:8080/x and mail.corp.",
        ],
        [
            "password=***",
            "Password: please choose a new one.",
            "Your password is safe.",
            "Invalid token: expired",
            "Install version 10.1.2.3 today.",
            "Edit settings.local and settings.local.json in /etc/app.local.",
            "This is internal. Corp cards are local.",
            "It runs at example.com.",
        ],
    ),
    "H03": (
        ["It works!!", "PLEASE READ THE MANUAL"],
        ["It works!", "HTTP 500 from the REST API", "please read the manual"],
    ),
    "R01": (
        ["The error is corrected.", "Please confirm that it works."],
        ["No action is needed on your side.", "Please install 4.2.", "What you need to do: sign in again."],
    ),
    "R02": (
        ["The error is corrected.", "We checked it, and you confirmed it."],
        ["Please confirm by Monday that it works.", "Could you check it?", "Let us know.", "Does it work for you?"],
    ),
    "R03": (
        ["We write again.", "Version 4 of the export works."],
        [
            "We write by 17:00.",
            "We write on Monday.",
            "We write by 5 pm.",
            "We write on 2026-11-22.",
            "We write on November 22.",
            "We write within 2 hours.",
        ],
    ),
    "R04": (
        ["We are sorry. The report is closed.", "We could not see it."],
        ["You can use the other form.", "One line from you reopens it.", "Answer this message."],
    ),
}


def ids(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def caught(rule: str, text: str, flags: frozenset[str] = frozenset()) -> list[Finding]:
    [found] = [each for each in rules() if each.id == rule]
    kind = "note" if "*" in found.kinds else min(found.kinds)
    return [finding for finding in lint(text, kind, flags=flags) if finding.rule == rule]


@pytest.mark.parametrize("rule", [rule.id for rule in rules()])
def test_every_rule_catches_its_sentences_and_leaves_the_look_alikes(rule: str) -> None:
    bad, good = EXAMPLES[rule]
    assert bad
    assert good
    assert [text for text in bad if not caught(rule, text)] == []
    assert [text for text in good if caught(rule, text)] == []


def test_the_table_has_no_row_too_many() -> None:
    assert set(EXAMPLES) == {rule.id for rule in rules()}


def test_a_finding_says_where_and_what_to_say_instead() -> None:
    text = "Hello,\n\n  it was   your\nfault."
    [finding] = lint(text, "note")
    message, instead = "Puts the fault on the customer", "Describe what the product did"
    assert finding == Finding("B01", "error", 19, 29, "your\nfault", message, instead, "blame")
    assert text[finding.start : finding.end] == finding.text


def test_something_missing_has_no_place() -> None:
    [finding] = lint("Thank you. We write by 17:00.", "acknowledge")
    assert (finding.rule, finding.start, finding.end, finding.text) == ("E01", 0, 0, "")


def test_findings_come_in_the_order_of_the_text() -> None:
    assert ids(lint("Maybe it is the cache. It works here. Calm down!!", "note")) == ["K05", "B07", "B07", "H03"]


def test_quoted_lines_are_the_customer_s_and_no_message_of_ours() -> None:
    assert lint("You wrote:\n> it was my fault, or your fault\n  > it's your fault\nWe see it.", "note") == []
    assert ids(lint("> thank you, sorry, 17:00", "acknowledge")) == ["E01", "E02", "R03"]


def test_what_is_less_certain_is_a_warning_that_refuses_nothing() -> None:
    [finding] = lint("You deleted the folder.", "note")
    assert (finding.rule, finding.level) == ("B05", "warning")
    [finding] = lint("You deleted the wrong folder.", "note")
    assert (finding.rule, finding.level) == ("B05", "error")
    assert not finding.waivable


def test_the_name_of_a_file_is_no_word_of_a_sentence() -> None:
    assert lint("Please send user-error.log and the table user_error_notes.", "note") == []
    assert ids(lint("It was a user-error.", "note")) == ["B04"]


STORY = "The export crashed. I thought: “this is a user error”, but then\nit said TBD!! My password=swordfish."


@pytest.mark.parametrize(
    "text",
    [
        "About “this is a user error”: we looked into it.",
        'We read "This is a user error" and looked into it.',
        "We read „it said TBD“ in the second line.",
        "About «crashed … a user error»: we looked into it.",
        "About “but then it\nsaid TBD”: we looked into it.",
    ],
)
def test_what_the_customer_wrote_may_be_quoted(text: str) -> None:
    assert lint(text, "note", theirs=["Hello.", STORY]) == []


@pytest.mark.parametrize("text", ["We call it “a customer error”.", "We say: “it is your own fault”."])
def test_what_the_customer_did_not_write_is_ours_in_quotation_marks_too(text: str) -> None:
    assert ids(lint(text, "note", theirs=[STORY])) in (["B04"], ["B01"])


def test_a_quote_with_something_left_out_is_theirs_in_all_its_parts() -> None:
    assert ids(lint("About “the export crashed … it is your own fault”.", "note", theirs=[STORY])) == ["B01"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("You wrote: “this is a user error”. It was ours.", "en"),
        ('In your words, "who knows", the list is empty.', "en"),
        ("“It is a user error, no?”, you asked. It is not.", "en"),
        ("Sie schrieben: „Das ist wohl ein Benutzerfehler“. Es war unserer.", "de"),
    ],
)
def test_where_nothing_of_the_customer_is_known_a_quote_is_theirs_that_is_introduced_so(
    text: str, language: str
) -> None:
    assert lint(text, "note", language=language) == []
    assert lint(text, "note", language=language, theirs=["Something else."]) != []


def test_the_quoted_name_of_a_thing_is_no_message() -> None:
    assert lint('The button “Who knows?” and the folder "Maybe junk" are back; so is `{{name}}`.', "note") == []
    assert ids(lint("It is “maybe junk”.", "note")) == ["K05"]


def test_a_secret_is_found_in_quotes_too() -> None:
    assert ids(lint("> my password=swordfish", "note")) == ["H02"]
    assert ids(lint("You wrote “My password=swordfish”.", "note", theirs=[STORY])) == ["H02"]


def test_a_placeholder_is_let_through_in_the_customer_s_own_words_alone() -> None:
    assert lint("You wrote “it said TBD”.", "note", theirs=[STORY]) == []
    assert ids(lint("We say “it said [date]”.", "note", theirs=[STORY])) == ["H01"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("This is not your fault.", "en"),
        ("None of this was your mistake.", "en"),
        ("You did nothing wrong.", "en"),
        ("You asked whether it was your fault. It was ours.", "en"),
        ("If you entered the wrong code, ask for a new one.", "en"),
        ("Das ist nicht Ihre Schuld.", "de"),
        ("Sie haben nichts falsch gemacht.", "de"),
        ("Sie fragten, ob es Ihre Schuld war. Es war unsere.", "de"),
        ("Wenn Sie die falsche Nummer eingegeben haben, wählen Sie Zurück.", "de"),
    ],
)
def test_denied_asked_and_supposed_is_not_said(text: str, language: str) -> None:
    assert lint(text, "note", language=language) == []


def test_a_denial_reaches_no_further_than_its_clause() -> None:
    assert ids(lint("It is not the network, it is your fault.", "note")) == ["B01"]
    assert ids(lint("It is not the network. It is your fault.", "note")) == ["B01"]


def test_small_and_capital_words_of_german_are_told_apart() -> None:
    assert ids(lint("Das ist Ihre Schuld.", "note", language="de")) == ["B01"]
    assert lint("Das ist ihre Schuld.", "note", language="de") == []


def test_german_is_read_without_umlauts_too() -> None:
    assert ids(lint("Sie haetten das Handbuch lesen muessen.", "note", language="de")) == ["B02"]


@pytest.mark.parametrize(
    "text",
    [
        "It will be fixed, e.g. in 4.2. by us. Today we write.",
        "It will be fixed:\n- Today we write.\n2. Today we call.",
        "It will be fixed.\n\nToday we write.",
        "The error will be fixed\nWe write today",
        "It will be fixed (we write today).",
    ],
)
def test_what_stands_in_two_sentences_is_not_taken_together(text: str) -> None:
    assert lint(text, "note") == []


@pytest.mark.parametrize(
    "text",
    [
        "It will be\nfixed\ntoday.",
        "It will be fixed approx. today, we think of 4.2.1.",
        "This long line ends where the window of the mail program ends: it will be fixed on\nMonday.",
    ],
)
def test_what_is_broken_or_abbreviated_is_one_sentence(text: str) -> None:
    assert "P01" in ids(lint(text, "note"))


def test_a_small_letter_begins_no_sentence() -> None:
    assert lint("Could you pls. now check it?", "verify_chase") == []
    assert ids(lint("Could you help? We now check it.", "verify_chase")) == ["R02"]


@pytest.mark.parametrize("kind", ["note", "call", "other"])
def test_kinds_without_a_template_keep_the_rules_for_every_kind(kind: str) -> None:
    assert lint("We spoke on the phone.", kind) == []
    assert ids(lint("It is your fault.", kind)) == ["B01"]


def test_a_fact_switches_off_the_rule_that_waits_for_it() -> None:
    assert caught("P01", "It will be fixed by tomorrow.", flags=frozenset({"legal_cleared"}))
    assert not caught("P01", "It will be fixed by tomorrow.", flags=frozenset({"eta_approved"}))
    assert not caught("P03", "We are liable.", flags=frozenset({"legal_cleared"}))


def test_a_waived_rule_is_silent() -> None:
    assert lint("Set ${HOME} first.", "note", waived=["H01"]) == []


@pytest.mark.parametrize("rule", [rule.id for rule in rules() if rule.group in {"blame", "ignorance"}])
def test_blame_and_ignorance_are_never_waived(rule: str) -> None:
    with pytest.raises(UsageError, match=f"{rule} cannot be waived"):
        lint("Hello.", "note", waived=[rule])


def test_waiving_an_unknown_rule_lists_the_rules() -> None:
    with pytest.raises(UsageError, match=r"no rule 'X99'; there are B01, .*R04"):
        lint("Hello.", "note", waived=["X99"])


def test_region_and_case_of_the_language_do_not_matter() -> None:
    assert rules("EN-gb") == rules("en") == rules("en_US")


@pytest.mark.parametrize("language", ["fr", "fr-CH", "", "../en", "tlh", "x" * 300])
def test_a_language_without_rules_is_held_to_no_english_words(language: str) -> None:
    french = "Merci. Nous sommes désolés que l'export ne marche pas."
    assert lint(french, "acknowledge", language=language) == []
    assert lint(french, "acknowledge", language=language, waived=["E01"]) == []
    assert ids(lint("Bonjour {{ name }}", "acknowledge", language=language)) == ["H01"] * 2


@pytest.mark.parametrize("language", ["en", "de"])
def test_rules_speak_of_what_exists(language: str) -> None:
    known = language_of(language)
    for rule in known.rules:
        assert rule.kinds <= {"*", *templates.kinds()}
        assert rule.level in LEVELS
        assert rule.group in GROUPS
        assert rule.unless in {None, *FLAGS}
        assert set(rule.not_in) <= known.frames.keys()
        assert rule.message
        assert rule.instead
        assert rule.phrases or rule.patterns


def test_all_languages_have_the_same_rules() -> None:
    facts = [
        [(rule.id, rule.group, rule.level, rule.kinds, rule.required, rule.unless) for rule in rules(language)]
        for language in ("en", "de")
    ]
    assert facts[0] == facts[1]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_phrase_can_be_found(language: str) -> None:
    """A word that a text never has, since it is spelled out or split there, would make a phrase idle."""
    known = language_of(language)
    for rule in known.rules:
        for phrase in rule.phrases + rule.doubtful + rule.excepted:
            assert phrase.parts
            literal = re.sub(r"<\w+>|[*]\w*|\w*[*]|#\S*|[()\[\]|^$.,:?]", " ", phrase.text).split()
            idle = [word for word in literal if word != "'s" and known.spelling.words(word) != [word]]
            assert idle == [], f"{rule.id}: {phrase.text}"


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_phrase_is_ruled_out_by_no_word_that_it_can_do_without(language: str) -> None:
    """Each text for tuning is read with all phrases; those that are ruled out unread find nothing in it."""
    known = language_of(language)
    phrases = [phrase for rule in known.rules for phrase in rule.phrases + rule.doubtful + rule.excepted]
    for text in [sentence.text for sentence in labelled(language, "tuning")][::10]:
        for sentence in sentences(text, known.spelling):
            for phrase in phrases:
                if not phrase.may_be_among(sentence.vocabulary):
                    assert [*phrase.readings(sentence)] == [], phrase.text


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_pattern_is_found_only_near_what_it_has_to_be_near(language: str) -> None:
    patterns = [pattern for rule in rules(language) for pattern in rule.patterns]
    texts = [sentence.text for sentence in labelled(language, "tuning")]
    texts += [text for rule in ("H01", "H02", "H03") for text in EXAMPLES[rule][0]]
    for pattern in patterns:
        for text in texts:
            found = re.search(pattern.regex, text, re.IGNORECASE | re.MULTILINE)
            assert bool([*pattern.spans(text, text.lower())]) == bool(found), pattern.regex


@pytest.mark.parametrize("language", ["en", "de"])
def test_quantifiers_are_bounded(language: str) -> None:
    for rule in rules(language):
        for pattern in rule.patterns:
            bare = re.sub(r"\[(?:\\.|[^\]\\])+\]", "x", re.sub(r"\\[^\]]", "x", pattern.regex))
            assert not re.search(r"[*+]|\{\d*,\}", bare), rule.id


ODD = [
    "a",
    " ",
    "\n",
    "you ",
    "A",
    "a-",
    "a.",
    "{{",
    "a\n",
    "AAAA ",
    "10.10.",
    "eyJ",
    "> ",
    "-----BEGIN ",
    '"',
    "“",
    "a. ",
]
STARTS = [
    "you should have ",
    "will be fixed ",
    "please ",
    "password: ",
    "had you. ",
    "we will have the ",
    'you wrote "x" ',
]


@pytest.mark.parametrize("part", ODD + STARTS)
def test_a_long_text_takes_no_longer_for_being_odd(part: str) -> None:
    lint((part * 30_000)[:30_000], "resolution")


def test_a_long_text_of_all_that_is_looked_for_comes_to_an_end() -> None:
    words = " ".join(
        re.findall(r"\w+", " ".join(phrase.text for rule in rules() for phrase in rule.phrases + rule.doubtful))
    )
    assert lint((words * 60)[:60_000], "resolution")
