"""Templates of a pulled repository, and templates in a customer's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hostile.payloads import assert_inert
from support.cli import Tracker

ESCAPES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ref|attr('__class__') }}",
    "{{ ref.format(ref) }}",
    "{{ '%s'|format(ref) }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('touch ran').read() }}",
    "{{ lipsum.__globals__['os'].system('touch ran') }}",
    "{{ request.application.__globals__ }}",
    "{{ config.items() }}",
    "{{ ref ~ ref }}",
    "{{ 'a' * 999999999 }}",
    "{{ range(999999999) }}",
    "{{ [1] }}",
    "{{ {'a': ref}|xmlattr }}",
    "{{ ref|map('upper') }}",
    "{{ ref|pprint }}",
    "{% for c in ref %}{{ c }}{% endfor %}",
    "{% set x = ref %}{{ x }}",
    "{% macro m() %}{{ ref }}{% endmacro %}{{ m() }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% extends '../../etc/passwd' %}",
    "{% block x %}{% endblock %}",
    "{% call ref() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with x = ref %}{{ x }}{% endwith %}",
    "{% do ref %}",
    "{% debug %}",
    "{% autoescape true %}{{ ref }}{% endautoescape %}",
    "\u202e{{ \x1b[2J }}",
)


def test_a_template_that_wants_more_than_slots_is_refused_with_its_place(tracker: Tracker, tmp_path: Path) -> None:
    report = tracker.new()
    template = tracker.root / ".issuelog" / "templates" / "en" / "acknowledge.md"
    template.parent.mkdir(parents=True)
    before = tracker.git("rev-parse", "HEAD"), tracker.path(report).read_bytes()
    for escape in ESCAPES:
        template.write_text(f"Hello,\n{escape}\n")
        done = tracker.run("ack", report)
        assert (done.code, done.out) == (6, ""), (escape, done.err)
        assert re.search(r"/\.issuelog/templates/en/acknowledge\.md:[12]:1: ", done.err), escape
        assert_inert(done.err)
    assert (tracker.git("rev-parse", "HEAD"), tracker.path(report).read_bytes()) == before
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.parametrize("words", [*ESCAPES[:3], "{# x #}", "{{", "%}"])
def test_a_template_in_a_customers_words_is_words(tracker: Tracker, words: str) -> None:
    report = tracker.ok(
        "new",
        "-q",
        "--story",
        f"{words} broke",
        "--customer",
        words,
        "--severity",
        "S1",
        "--contact",
        "jo@acme.example",
    ).strip()
    done = tracker.run("ack", report, "--waive-lint", "H01", "--because", "it is the customer's own")
    assert done.code in {0, 5}, done.err
    if done.code == 0:
        assert words in tracker.show(report)["messages"][0]["text"]
    assert_inert(done.out + done.err)
