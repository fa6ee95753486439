"""Words by which the rules of an analysis go, by language. Data only: a phrase a line, `*` is any ending of a word.

Teams write their analyses in their own language, whatever the customer's is, so all of them are looked for.
"""

from __future__ import annotations

BLAME = {
    "en": """
        human error
        user error
        operator error
        pilot error
        carelessness
        negligence
        inattention
        was careless
        were careless
        was negligent
        forgot
        forgotten
        overlooked it
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
        fahrlässig*
        nachlässig*
        leichtsinn*
        vergessen hat
        hat vergessen
        haben vergessen
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
        remind*
        raise awareness
        be aware
        try harder
        double check
        keep in mind
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
        mehr sorgfalt
    """,
}
"""What asks people to be better, and changes nothing that they work with."""

PONDER = {
    "en": """
        investigate
        look into
        consider
        think about
        discuss
        evaluate
        explore
        analyse
        analyze
        improve
        optimise
        optimize
        revisit
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
