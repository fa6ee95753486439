"""Message templates for people: a table of all, or one with its slots and a sample."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from issuelog.cli.results import Document, Table
from issuelog.customer.slots import question_for, sample_of
from issuelog.customer.templates import Template, find, kinds, languages
from issuelog.customer.voice import worded


def rows(language: str | None, folder: Path | None) -> Table:
    """Return all templates: of a language what is used for it, else what there is in every language."""
    if language:
        found = [find(kind, language, folder) for kind in kinds()]
    else:
        all_of_them = [(find(kind, each, folder), each) for kind in kinds() for each in languages(folder)]
        found = [template for template, each in all_of_them if template.language == each]
    table = []
    for template in found:
        required, optional = template.slots()
        facts = {"kind": template.kind, "language": template.language, "required": required, "optional": optional}
        table.append({**facts, "from": _origin(template, folder)})
    return Table(
        table,
        ("kind", "language", "required", "optional", "from"),
        wide=frozenset({"required", "optional"}),
        fold=True,
        notes=["issuelog message templates KIND   shows one with a sample"],
    )


def one(kind: str, language: str, folder: Path | None) -> Document:
    """Return one template: where it is from, its slots with a question and a sample, its text, and a sample of it."""
    template = find(kind, language, folder)
    required, optional = template.slots()
    samples = worded(
        {slot: sample_of(slot, template.language) for slot in (*required, *optional)}, UTC, template.language
    )
    slots = [
        {"slot": slot, "required": slot in required, "question": question_for(slot), "sample": samples[slot]}
        for slot in (*required, *optional)
    ]
    sample = template.fill(samples)
    head = {"kind": kind, "language": template.language, "from": _origin(template, folder)}
    data = {**head, "slots": slots, "text": template.text, "sample": sample}
    return Document(data, "\n\n".join([", ".join(head.values()), _listed(slots), template.text.strip(), "---", sample]))


def _listed(slots: list[dict[str, Any]]) -> str:
    width = max((len(slot["slot"]) for slot in slots), default=0)
    return "\n".join(
        f"{slot['slot']:{width}}  {'required' if slot['required'] else 'optional'}  {slot['question']}"
        for slot in slots
    )


def _origin(template: Template, folder: Path | None) -> str:
    if not template.own or folder is None:
        return "built in"
    return template.path.relative_to(folder.parent.parent).as_posix()
