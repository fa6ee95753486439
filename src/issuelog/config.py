"""Reading the policy: the defaults, changed by the tracker's `.issuelog/config.yaml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from issuelog.errors import InvalidFile, Problem
from issuelog.model.faults import fault, field_of
from issuelog.model.policy import Policy
from issuelog.store.files import read_regular
from issuelog.store.layout import CONFIG, MAX_BYTES
from issuelog.store.yamlfile import decode, parse


def load_policy(path: Path) -> Policy:
    """Return the policy of a tracker; raises InvalidFile with line and column."""
    content = read_regular(path, MAX_BYTES) or b""
    text = decode(content, CONFIG)
    if not text.strip():
        return Policy()
    root = parse(text, CONFIG)
    try:
        return Policy.model_validate(root.plain())
    except ValidationError as error:
        problems = []
        for found in error.errors(include_url=False):
            node = root.at(found["loc"])
            words = f"{field_of(found)} {fault(found)}" if found["loc"] else fault(found)
            problems.append(Problem(CONFIG, node.line + 1, node.column + 1, "config", words))
        raise InvalidFile(problems) from None
