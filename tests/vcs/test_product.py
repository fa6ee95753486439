from __future__ import annotations

import os
import string
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.errors import GitRefused, NotFound, UsageError
from issuelog.store.layout import ATTACHMENTS, KNOWN_ERRORS, REPORTS
from issuelog.vcs.product import Naming, Product, word
from issuelog.vcs.repository import Repository
from issuelog.vcs.revisions import Revisions

REPORT = "CR-261116-7K3M"
OWN = (REPORTS, ATTACHMENTS, KNOWN_ERRORS)


class Code:
    """A repository with commits that change nothing but its history."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, stdin: str = "", env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, **(env or {})},
            check=True,
        )
        return done.stdout.strip()

    def commit(self, message: str, when: str = "2026-11-20T12:00:00Z") -> str:
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        self.git("commit", "-q", "--allow-empty", "--allow-empty-message", "-F", "-", stdin=message, env=dates)
        return self.git("rev-parse", "HEAD")

    def write(self, *paths: str) -> None:
        for path in paths:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text("x\n")
        self.git("add", "-A")
        self.commit("files")

    @property
    def product(self) -> Product:
        return Product(Revisions(Repository.around(self.root)))

    def naming(self, *ids: str) -> list[str]:
        return [one.sha for one in self.product.naming(ids or (REPORT,))]


@pytest.fixture
def code(tmp_path: Path) -> Code:
    return Code(tmp_path / "code")


def test_the_beginning_of_an_id_in_any_case_means_its_commit(code: Code) -> None:
    sha = code.commit("stream the lines")
    for typed in (sha, sha[:4], sha[:10].upper()):
        found = code.product.commit(typed)
        assert (found.sha, found.subject, found.author) == (sha, "stream the lines", "Ana Reyes <ana@example.com>")


def test_commits_of_sha256_have_ids_of_64_characters(tmp_path: Path) -> None:
    code = Code(tmp_path / "code", "--object-format=sha256")
    sha = code.commit("one")
    assert (len(sha), code.product.commit(sha[:7]).sha) == (64, sha)


def test_a_tag_s_own_id_means_the_commit_and_a_file_s_means_none(code: Code) -> None:
    sha = code.commit("one")
    code.git("tag", "-a", "-m", "release", "v1.0")
    assert code.product.commit(code.git("rev-parse", "refs/tags/v1.0")).sha == sha
    blob = code.git("hash-object", "-w", "--stdin", stdin="no commit")
    with pytest.raises(NotFound, match="has no commit"):
        code.product.commit(blob)


def test_an_ambiguous_beginning_names_the_commits_that_it_may_be(code: Code) -> None:
    people = "committer Ana Reyes <ana@example.com> 1795000000 +0000"
    subjects = [f"change {number}" for number in range(1500)]
    stream = [f"commit refs/heads/main\n{people}\ndata {len(one)}\n{one}\n" for one in subjects]
    code.git("fast-import", "--quiet", stdin="".join(stream))
    seen: dict[str, list[str]] = {}
    for sha in code.git("rev-list", "main").split():
        seen.setdefault(sha[:4], []).append(sha)
    begin, same = next((begin, same) for begin, same in seen.items() if len(same) == 2)
    with pytest.raises(NotFound, match=f"{begin} means 2 commits") as refused:
        code.product.commit(begin)
    for sha in same:
        assert f"{sha[:10]} {code.product.commit(sha).subject!r}" in refused.value.message


@pytest.mark.parametrize(
    "typed",
    ["", "4f9", "HEAD", "main", "--all", "--output=x", "4f9e2c1^{tree}", "4f9e 2c1", "4f9e2c1\n", "٤" * 8, "a" * 65],
)
def test_what_is_no_id_is_never_asked_of_git(code: Code, typed: str) -> None:
    code.commit("one")
    with pytest.raises(UsageError, match="is no commit's id"):
        code.product.commit(typed)
    assert [path.name for path in code.root.iterdir()] == [".git"]


def test_a_repository_that_git_does_not_read_is_told_in_git_s_words(code: Code) -> None:
    code.commit("one")
    (code.root / ".git" / "config").write_text("[core\n")
    with pytest.raises(GitRefused, match="bad config"):
        code.product.commit("4f9e2c1")


def test_the_first_release_is_that_of_the_lowest_version_and_no_candidate(code: Code) -> None:
    code.commit("before")
    code.git("tag", "v8.0")
    sha = code.commit("the fix")
    for tag in ("v8.11.0", "v8.9.12", "v8.10.3", "v8.9.12-rc1", "nightly", "0-not-a-release"):
        code.git("tag", tag)
    code.commit("later")
    code.git("tag", "v8.11.1")
    assert code.product.revisions.first_tag(sha) == "v8.9.12"


def test_a_commit_that_names_a_report_says_where(code: Code) -> None:
    one = code.commit(f"stream the lines ({REPORT})")
    two = code.commit(f"test it\n\nIssuelog-Report: {REPORT}\n", when="2026-11-21T12:00:00Z")
    code.commit("something else")
    assert code.product.naming([REPORT]) == [
        Naming(two, "2026-11-21T12:00:00Z", "Ana Reyes <ana@example.com>", "test it", "trailer"),
        Naming(one, "2026-11-20T12:00:00Z", "Ana Reyes <ana@example.com>", f"stream the lines ({REPORT})", "message"),
    ]


@pytest.mark.parametrize("message", [f"fix {REPORT.lower()}", f"Merge branch 'fix/{REPORT}-export'", f"{REPORT}: x"])
def test_a_report_is_named_in_any_case_and_in_the_name_of_a_branch(code: Code, message: str) -> None:
    assert [code.commit(message)] == code.naming()


@pytest.mark.parametrize("message", [f"X{REPORT}", f"{REPORT}4", f"é{REPORT}", "CR-261116-7K3", "CR-261116"])
def test_a_part_of_a_longer_word_is_no_report(code: Code, message: str) -> None:
    code.commit(message)
    assert code.naming() == []


@given(st.text(string.ascii_letters + string.digits + " -_./#:é", max_size=3), st.text("aZ0 -_.:é", max_size=3))
def test_an_id_is_a_word_where_no_letter_or_digit_is_beside_it(before: str, after: str) -> None:
    beside = f"{before[-1:]}{after[:1]}"
    assert bool(word(REPORT).search(before + REPORT + after)) == (not any(char.isalnum() for char in beside))


def test_commits_are_found_on_all_branches_and_tags_and_none_that_issuelog_made(code: Code) -> None:
    code.commit("begin")
    code.git("checkout", "-q", "-b", "side")
    side = code.commit(f"{REPORT} on a branch", when="2026-11-21T12:00:00Z")
    code.git("checkout", "-q", "--detach", "main")
    tagged = code.commit(f"{REPORT} on a tag", when="2026-11-22T12:00:00Z")
    code.git("tag", "v1.0")
    code.git("checkout", "-q", "main")
    code.commit(f"{REPORT}: note\n\nIssuelog-Report: {REPORT}\nIssuelog-Action: note\n")
    assert code.naming() == [tagged, side]


def test_what_a_report_was_called_before_counts_as_well(code: Code) -> None:
    one, two = code.commit("CR-261110-AAAA"), code.commit(REPORT)
    assert set(code.naming(REPORT, "CR-261110-AAAA")) == {one, two}


def test_what_was_committed_before_the_report_was_made_cannot_name_it(code: Code) -> None:
    code.commit(REPORT, when="2026-11-01T12:00:00Z")
    kept = code.commit(REPORT, when="2026-11-15T12:00:00Z")  # a clock that goes wrong by a day
    assert code.naming() == [kept]


def test_a_repository_without_a_commit_names_nothing(code: Code) -> None:
    assert code.naming() == []
    assert not code.product.is_more_than(code.root, OWN)


def test_settings_of_a_repository_start_no_program(code: Code, tmp_path: Path) -> None:
    sha = code.commit(REPORT)
    touch = f"touch {tmp_path / 'started'};"
    for key in ("core.pager", "core.fsmonitor", "gpg.program", "diff.external", "core.sshCommand"):
        code.git("config", key, touch)
    code.git("config", "log.showSignature", "true")
    assert code.naming() == [code.product.commit(sha).sha]
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("path", ["app.py", "src/main.c", "reports.py"])
def test_a_repository_with_anything_beside_the_tracker_has_a_product(code: Code, path: str) -> None:
    code.write("reports/2026/11/x.yaml", path)
    assert code.product.is_more_than(code.root, OWN)


def test_documents_and_hidden_files_beside_the_tracker_are_no_product(code: Code) -> None:
    code.write("reports/x.yaml", "attachments/x/y", ".issuelog/config.yaml", "README.md", "LICENSE", ".ci/run")
    assert not code.product.is_more_than(code.root, OWN)


def test_a_tracker_in_a_folder_has_a_product_where_something_is_beside_it(code: Code) -> None:
    code.write("support/errors/reports/x.yaml", "README.md")
    root = code.root / "support" / "errors"
    assert not code.product.is_more_than(root, OWN)
    code.write("support/tool.py")
    assert code.product.is_more_than(root, OWN)


def test_a_tracker_elsewhere_is_no_part_of_it(code: Code, tmp_path: Path) -> None:
    code.write("README.md")
    other = Code(tmp_path / "other")
    assert code.product.is_more_than(other.root, OWN)
