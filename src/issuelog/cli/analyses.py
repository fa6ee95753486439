"""What the verbs of `rca` share: the check of an analysis as a result, and its forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from issuelog.cli.results import Document, Result, Table
from issuelog.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from issuelog.cli.session import Session
    from issuelog.model.rca import Finding
    from issuelog.store.reports import Stored

FORMS = ("yaml", "md", "html", "8d", "8d-html")
_COLUMNS = ("report", "number", "rule", "place", "what", "helps", "command")
_AT_A_GLANCE = ("number", "rule", "what", "command")


def checked(session: Session, given: str, format: str) -> Result:
    """Return what stands between analyses and their acceptance."""
    from issuelog.analysing.checking import findings

    if format not in {"text", "github"}:
        raise UsageError(f"--format is {format!r}; it has to be text or github")
    tracker = session.tracker
    found = [(stored, findings(tracker, stored.report)) for stored in session.reports(given)]
    rows = [_row(stored, number, one) for stored, all_of in found for number, one in enumerate(all_of, 1)]
    code = ExitCode.NO if rows else ExitCode.DONE
    if format == "github" and not session.output.json:
        from issuelog.cli.annotations import annotation

        path = {stored.report.id: tracker.in_repository(stored.path) for stored, _ in found}
        lines = [
            annotation(path[row["report"]], row["line"], row["column"], "error", row["rule"], row["what"])
            for row in rows
        ]
        return Document(rows, "".join(lines), code=code)
    notes = [f"next: {_next(stored)}" for stored, all_of in found if not all_of]
    notes += [
        f"all of it in one document: issuelog rca edit {stored.report.id}"
        for stored, all_of in found
        if len(all_of) > 1 and stored.report.rca.status and session.output.for_people
    ]
    some = _AT_A_GLANCE if session.output.for_people and given != "-" else _COLUMNS
    wide = frozenset({"what", "helps", "command"})
    return Table(rows, some, empty="nothing is missing", code=code, wide=wide, fold=True, notes=notes)


def _next(stored: Stored) -> str:
    report = stored.report
    if report.rca.status == "accepted":
        return f"issuelog next {report.id}"
    return f"issuelog rca accept {report.id} --reviewer WHO"


def _row(stored: Stored, number: int, finding: Finding) -> dict[str, Any]:
    from issuelog.model.guards import aimed

    (line, column) = _where(stored, finding.place)
    return {
        "report": stored.report.id,
        "number": number,
        **vars(finding),
        "command": f"issuelog {aimed(finding.command, stored.report.id)}",
        "path": stored.path,
        "line": line,
        "column": column,
    }


def _where(stored: Stored, place: str) -> tuple[int, int]:
    """Return the line and column of a place in the file, or of what lies nearest around it."""
    node: Any = stored.root
    for part in place.split("."):
        inside = _inside(node, part)
        if inside is None:
            break
        node = inside
    return node.line + 1, node.column + 1


def _inside(node: Any, part: str) -> Any:
    from issuelog.store.yamlfile import Mapping, Sequence

    if isinstance(node, Mapping):
        return node.entries[part][1] if part in node.entries else None
    if isinstance(node, Sequence):
        named = [one for one in node.items if isinstance(one, Mapping) and one.plain().get("id") == part]
        if named:
            return named[0]
        return node.items[int(part) - 1] if part.isdigit() and 0 < int(part) <= len(node.items) else None
    return None


def shown(session: Session, given: str, format: str, *, without_customer: bool) -> Document:
    """Return analyses as they are in their files, or as a document for people."""
    if format not in FORMS:
        raise UsageError(f"--format is {format!r}; it has to be one of {', '.join(FORMS)}")
    if format != "yaml":
        if session.output.json:
            raise UsageError(f"--json and --format {format} exclude each other")
        return _written(session, given, format, without_customer=without_customer)
    if without_customer:
        raise UsageError(
            "--without-customer is for documents, and --format yaml is what the file says",
            hint=f"--format {'|'.join(FORMS[1:])}   write one",
        )
    from issuelog.store.documents import to_data
    from issuelog.store.yamltext import dump

    found = [stored.report for stored in session.reports(given)]
    data = [one.rca.model_dump(mode="json", exclude_none=True) if to_data(one.rca) else {} for one in found]
    texts = [
        dump(to_data(one.rca)) if has else f"{one.id} has no root cause analysis\n"
        for one, has in zip(found, data, strict=True)
    ]
    return Document(
        data if given == "-" else data[0],
        "---\n".join(texts),
        notes=[f"next: issuelog rca start {one.id}" for one, has in zip(found, data, strict=True) if not has],
    )


def _written(session: Session, given: str, format: str, *, without_customer: bool) -> Document:
    from issuelog.analysing.paper import paper
    from issuelog.cli.commits import concerning
    from issuelog.exporting import private
    from issuelog.exporting.eight import eight_d
    from issuelog.exporting.gathered import gathered
    from issuelog.model import html, markdown

    is_eight = format.startswith("8d")
    known = []
    for report in (stored.report for stored in session.reports(given)):
        commits = concerning(session, report) if is_eight else ()
        facts = gathered(report, session.tracker.policy, None, commits=commits)
        known.append(private.without_customer(facts, report) if without_customer else facts)
    papers = [(eight_d if is_eight else paper)(one) for one in known]
    title = papers[0].name if len(papers) == 1 else "Root cause analyses"
    return Document(None, "".join((html if format.endswith("html") else markdown).written(papers, title)))


def stages(session: Session, given: Sequence[str]) -> dict[str, str]:
    """Return STAGE=FINDING arguments as a mapping."""
    if not given:
        raise UsageError(
            "say what each stage let pass: STAGE=FINDING",
            hint=f"stages: {', '.join(session.tracker.policy.rca_stages)}",
        )
    return session.pairs(given, "rca walk")
