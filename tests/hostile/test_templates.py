"""Templates of a pulled repository, and templates in a customer's words."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hostile.payloads import assert_inert
from hostile.watch import no_hang
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


PLACES: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "a link": lambda path: path.symlink_to("/etc/passwd"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path),
    "larger than any": lambda path: path.write_text("# x\n" * 1_100_000),
    "no text": lambda path: path.write_bytes(b"\0\xff"),
}


@pytest.mark.parametrize("where", ["templates/en/acknowledge.md", "lint/en.yaml"])
@pytest.mark.parametrize("name", PLACES)
def test_what_lies_in_the_place_of_a_template_or_of_rules_is_refused(tracker: Tracker, name: str, where: str) -> None:
    report = tracker.new()
    path = tracker.root / ".issuelog" / where
    path.parent.mkdir(parents=True)
    PLACES[name](path)
    before = tracker.subjects()
    for command in (["message", "draft", report], ["ack", report]):
        with no_hang():
            done = tracker.run(*command)
        assert (done.code, done.out) == (6, ""), done.err
        assert f"{where}:1:" in done.err
        assert_inert(done.err)
    assert tracker.subjects() == before
    tracker.ok("list")
