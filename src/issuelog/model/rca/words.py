"""Words by which the rules of an analysis go, by language. Data only: a phrase a line, `*` is any ending of a word.

Teams write their analyses in their own language, whatever the customer's is, so all of them are looked for.
"""

from __future__ import annotations

_ROLES = ("developer", "dev", "engineer", "programmer", "colleague", "intern", "trainee", "tester", "administrator")
_ANYBODY = (
    *_ROLES,
    *("admin", "operator", "reviewer", "author", "he", "she", "i", "we", "they", "somebody", "someone"),
)
_FAULTS = ("forgot", "overlooked", "misread", "mistyped", "was careless", "were careless", "was sloppy", "was tired")
_OMITTED = ("check", "test", "look", "read", "notice", "remember", "verify", "think", "pay")
_MISTAKEN = ("error", "mistake")
_BY = ("user", "operator", "developer", "programmer", "admin")
_WERE = ("was", "was a", "is", "due to", "because of", "caused by", "just", "simple")


def _lines(*several: list[str]) -> str:
    return "\n".join(line for one in several for line in one)


BLAME = {
    "en": _lines(
        [f"{who} {fault}" for who in _ANYBODY for fault in _FAULTS],
        [f"{who} {missed} {what}" for who in _ROLES for missed in ("did not", "didn't") for what in _OMITTED],
        [f"{were} {who} {what}" for were in _WERE for who in _BY for what in _MISTAKEN],
    )
    + """
        human error
        human mistake
        developer error
        programmer error
        programming error by
        coding mistake
        operator mistake
        pilot error
        careless mistake
        stupid mistake
        silly mistake
        carelessness
        sloppiness
        sloppy work
        negligence
        inattention
        lack of attention
        lack of care
        lack of diligence
        insufficient care
        was negligent
        not careful enough
        an oversight
        oversight on our part
        mistake by the
        forgot to
        was forgotten
        were forgotten
        been forgotten
        has forgotten
        had forgotten
        it was overlooked
        simply overlooked
        just overlooked
        overlooked it
        reviewer missed
        paid attention
        did not pay attention
        not paying attention
        should have been more careful
        should be more careful
        should have known
        should have checked
        should have noticed
        should have tested
        made a mistake
        lack of discipline
    """,
    "de": """
        menschliches versagen
        menschlicher fehler
        menschlichen fehler*
        bedienfehler
        unachtsam*
        flüchtigkeitsfehler*
        konzentrationsfehler*
        schlamperei
        aus versehen
        jemand hat sich vertippt
        hat es übersehen
        haben es übersehen
        es wurde übersehen
        einfach übersehen
        fahrlässig*
        nachlässig*
        leichtsinn*
        vergessen hat
        hat vergessen
        hat es vergessen
        haben vergessen
        haben es vergessen
        wir haben vergessen
        wurde vergessen
        vergaß
        vergass
        nicht aufgepasst
        besser aufpassen
        hätte vorsichtiger
        hätten vorsichtiger
        hätte wissen müssen
        hätte prüfen müssen
        mangelnde sorgfalt
    """,
}
"""What ends in a person and not in the system."""

HOPE = {
    "en": """
        be careful
        be more careful
        more carefully
        take care
        pay attention
        pay more attention
        remind
        reminding
        raise awareness
        be aware
        try harder
        double check
        keep in mind
        keep an eye on
        be vigilant
        stay alert
        more thoroughly
        watch it closely
        monitor the situation
        follow the process
        follow the runbook
        sensitise
        sensitize
        make sure it does not
        make sure it doesn't
        make sure this does not
        make sure this doesn't
        ensure it does not
        ensure it doesn't
        ensure this does not
        ensure this doesn't
    """,
    "de": """
        vorsichtiger
        besser aufpassen
        aufmerksam*
        erinnern
        sensibilisieren
        achten auf
        darauf achten
        im hinterkopf
        im auge behalten
        prozess einhalten
        mehr sorgfalt
    """,
}
"""What asks people to be better, and changes nothing that they work with."""

PONDER = {
    "en": """
        investigat*
        look into
        looking into
        consider
        considering
        think about
        thinking about
        discuss
        discussing
        talk to
        evaluate
        evaluating
        explore
        exploring
        analyse
        analyze
        analysing
        analyzing
        analysis
        improve
        improving
        optimise
        optimize
        revisit
        research
        understand
        clarify
        find out
        see if
        see whether
        check if
        check whether
        better tests
        better testing
        better documentation
        better monitoring
        more tests
        more testing
        more documentation
        more monitoring
        try to
    """,
    "de": """
        untersuchen
        überlegen
        erwägen
        nachdenken
        besprechen
        diskutieren
        evaluieren
        analysieren
        verbessern
        optimieren
        prüfen ob
        prüfen, ob
        schauen ob
        schauen, ob
        genauer prüfen
        genauer testen
        besser testen
        klären
        versuchen
    """,
}
"""What begins something and ends nowhere, unless something that is made stands beside it."""

MADE = {
    "en": """
        add*
        automat*
        block*
        build*
        check*
        alert*
        alarm*
        fail*
        gate*
        limit*
        lint*
        log
        migrat*
        monitor*
        pin*
        refus*
        reject*
        remov*
        replac*
        rewrit*
        script*
        stream*
        test*
        validat*
        write
        writing
        run
        running
        require*
        enforc*
    """,
    "de": """
        abbrechen
        abweisen
        alarm*
        automatisier*
        begrenzen
        einbauen
        einführen
        entfernen
        ersetzen
        erzwingen
        hinzufügen
        migrier*
        schreiben
        sperr*
        test*
        überwach*
        umbauen
        validier*
    """,
}
"""What somebody can see when it is there."""

NAMES_THAT_ARE_WORDS = frozenset(
    {"Will", "Mark", "May", "Grace", "Hope", "Rich", "Bill", "Faith", "Art", "Max", "Team"}
)
"""Names that begin a sentence as words; the name in full is still found."""

LEADS = (
    *("should", "must", "will", "can", "could", "shall", "please", "also", "first", "further", "we", "let us", "let's"),
    *("needs? to", "ha(?:ve|s) to", "wants? to", "going to", "plan to"),
)
"""What may stand before the verb that a sentence asks for; patterns."""

NOT = frozenset({"no", "not", "never", "none", "nobody", "nothing", "without"}) | {
    *("kein", "keine", "keinen", "keiner", "nicht", "nie", "niemand", "nichts", "ohne")
}
"""What denies the word behind it."""

MISSING = frozenset({"missing", "lacking", "absent", "fehlt", "fehlte", "fehlten", "fehlen"})
"""What denies the word before it."""

GROUPS = frozenset(
    {"team", "teams", "support", "helpdesk", "desk", "group", "crew", "squad", "department", "office"}
) | {*("bot", "service", "services", "abteilung", "gruppe")}
"""Words by which what writes, or owns something, is no single person."""
