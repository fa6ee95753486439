from __future__ import annotations

import os
import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuelog.errors import Conflict, GitRefused
from issuelog.vcs.git import Git
from issuelog.vcs.objects import Entry, Head, Objects, blob_id, folded
from support.cli import Tracker


@pytest.fixture
def repository(tmp_path: Path) -> Tracker:
    return Tracker.make(tmp_path / "plain", init=False)


@pytest.fixture
def objects(repository: Tracker) -> Objects:
    return Objects(Git(repository.root))


def commit(repository: Tracker, files: Mapping[str, bytes]) -> str:
    for path, content in files.items():
        file = repository.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    repository.git("add", "-A")
    repository.git("commit", "-qm", "state", "--allow-empty")
    return repository.git("rev-parse", "HEAD").strip()


def stored(objects: Objects, content: bytes) -> str:
    """Store a file's content, and return its id."""
    return objects.write(objects.head(), {"file": content}).blobs["file"] or ""


def tree_of(repository: Tracker, tree: str) -> dict[str, str]:
    rows = repository.git("-c", "core.quotePath=false", "ls-tree", "-r", tree).splitlines()
    return {row.split("\t")[1]: row.split("\t")[0] for row in rows}


class TestHead:
    def test_an_unborn_branch_has_no_commit_and_the_empty_tree(self, repository: Tracker, objects: Objects) -> None:
        head = objects.head()
        assert head == Head(None, "0" * 40)
        assert head.expected == "0" * 40
        assert head.tree_ish == repository.git("hash-object", "-t", "tree", "/dev/null").strip()

    def test_a_commit(self, repository: Tracker, objects: Objects) -> None:
        known = commit(repository, {"a": b"1"})
        head = objects.head()
        assert (head.commit, head.expected, head.tree_ish) == (known, known, known)

    def test_a_sha256_repository_has_longer_ids(self, tmp_path: Path) -> None:
        repository = Tracker(tmp_path)
        repository.git("init", "-q", "--object-format=sha256", "long")
        objects = Objects(Git(tmp_path / "long"))
        unborn = objects.head()
        assert unborn.zero == "0" * 64
        assert objects.entries(unborn.tree_ish, ["a"]) == {}
        known = commit(Tracker(tmp_path / "long"), {"a": b"1"})
        assert objects.head() == Head(known, "0" * 64)
        assert objects.entries(known, ["a"]) == {"a": Entry("100644", blob_id(b"1", 64) or "")}

    def test_a_commit_that_is_lost_is_no_unborn_branch(self, repository: Tracker, objects: Objects) -> None:
        known = commit(repository, {"a": b"1"})
        (repository.root / ".git" / "objects" / known[:2] / known[2:]).unlink()
        with pytest.raises(GitRefused, match="a commit that is not there"):
            objects.head()

    def test_where_git_refuses_the_repository_it_is_no_unborn_branch(
        self, repository: Tracker, objects: Objects
    ) -> None:
        commit(repository, {"a": b"1"})
        with (repository.root / ".git" / "config").open("a") as config:
            config.write("[core\n")
        with pytest.raises(GitRefused, match="bad config"):
            objects.head()


class TestReading:
    @pytest.mark.parametrize(
        "name",
        [
            "plain",
            "with space",
            "x missing",
            "line\nbreak",
            "line\nbreak missing",
            "straße/日本",
            os.fsdecode(b"\xff\xfe"),
        ],
    )
    def test_files_of_any_name_there_or_not(self, repository: Tracker, objects: Objects, name: str) -> None:
        content = b"1 blob 3\nabc\n\0 missing\n"
        known = commit(repository, {name: content, "last": b"end"})
        found = objects.read([f"{known}:{name}", f"{known}:{name} missing", f"{known}:no{name}", f"{known}:last"])
        assert [item and item.content for item in found] == [content, None, None, b"end"]

    def test_nothing_is_asked_for(self, objects: Objects) -> None:
        assert objects.read([]) == []

    def test_by_id(self, objects: Objects) -> None:
        assert objects.content(stored(objects, b"\0\xff")) == b"\0\xff"
        with pytest.raises(GitRefused, match="is not there"):
            objects.content("1" * 40)

    def test_whether_all_are_there(self, objects: Objects) -> None:
        there = stored(objects, b"there")
        assert objects.all_there([there, there])
        assert objects.all_there([])
        assert not objects.all_there([there, "1" * 40])


class TestWriting:
    def test_blobs_are_stored_as_they_are(self, repository: Tracker, objects: Objects) -> None:
        repository.git("config", "core.autocrlf", "true")
        (repository.root / ".gitattributes").write_text("* text=auto ident working-tree-encoding=UTF-16\n")
        content = b"a\r\nb\n$Id: x$\r\n"
        assert objects.content(stored(objects, content)) == content

    @given(st.binary(max_size=200))
    def test_the_id_of_a_blob(self, content: bytes) -> None:
        assert len(blob_id(content, 40) or "") == 40
        assert len(blob_id(content, 64) or "") == 64

    def test_the_id_of_a_blob_is_the_one_git_gives(self, repository: Tracker, objects: Objects, tmp_path: Path) -> None:
        repository.git("init", "-q", "--object-format=sha256", str(tmp_path / "long"))
        for content in (b"", b"abc\n", bytes(range(256))):
            assert stored(objects, content) == blob_id(content, 40)
            assert stored(Objects(Git(tmp_path / "long")), content) == blob_id(content, 64)
        assert blob_id(None, 40) is None

    @pytest.mark.parametrize("size", [0, 1, 15, 16, 2047, 2048, 70_000, 3_000_000])
    @pytest.mark.parametrize("object_format", ["sha1", "sha256"])
    def test_contents_of_every_size_are_stored(self, tmp_path: Path, size: int, object_format: str) -> None:
        Tracker(tmp_path).git("init", "-q", f"--object-format={object_format}")
        objects = Objects(Git(tmp_path))
        content = random.Random(size).randbytes(size)
        made = objects.write(objects.head(), {"d/a": content, "d/same": content, "d/other": b"x"})
        assert objects.all_there(made.ids)
        assert [
            found and found.content
            for found in objects.read([f"{made.root}:d/{name}" for name in ("a", "same", "other")])
        ] == [content, content, b"x"]

    def test_objects_that_are_there_are_taken_for_granted(self, repository: Tracker, objects: Objects) -> None:
        commit(repository, {"a": b"1", "b": b"2"})
        made = objects.write(objects.head(), {"a": b"1", "b": b"2"})
        assert made.root == repository.git("rev-parse", "HEAD^{tree}").strip()
        repository.git("gc", "-q")
        assert objects.write(objects.head(), {"a": b"1", "b": b"2"}) == made
        assert not list(repository.root.glob(".git/objects/??/*"))

    def test_what_git_cannot_store_is_refused(self, repository: Tracker, objects: Objects) -> None:
        (repository.root / ".git" / "config").write_text("[core\n")
        with pytest.raises(GitRefused, match="bad config"):
            objects.write(Head(None, "0" * 40), {"d/a": b"1"})

    def test_the_author_is_given_and_the_committer_the_user(self, repository: Tracker, objects: Objects) -> None:
        trees = objects.write(objects.head(), {"a": b"1"})
        author = {"GIT_AUTHOR_NAME": "Zoë", "GIT_AUTHOR_EMAIL": "zoe@example.com"}
        made = objects.commit(trees.root, [], "subject\n\nbody ß\n", sign=False, author=author)
        shown = repository.git("show", "-s", "--format=%an <%ae>|%cn <%ce>|%P|%B", made)
        assert shown.strip() == "Zoë <zoe@example.com>|Ana Reyes <ana@example.com>||subject\n\nbody ß"

    def test_where_signing_fails_there_is_no_commit(self, repository: Tracker, objects: Objects) -> None:
        repository.git("config", "gpg.program", "false")
        trees = objects.write(objects.head(), {"a": b"1"})
        with pytest.raises(GitRefused, match="gpg failed to sign"):
            objects.commit(trees.root, [], "subject", sign=True, author={})


PATHS = ["a", "b", "d/a", "d/b", "d/e/a", "d.x", "d-y/a", "ü/ ", "d/e.f/a"]


class TestTrees:
    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        before=st.dictionaries(st.sampled_from(PATHS), st.binary(max_size=3)),
        changes=st.dictionaries(st.sampled_from(PATHS), st.none() | st.binary(max_size=3), min_size=1),
    )
    def test_they_are_what_git_itself_makes(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        before: dict[str, bytes],
        changes: dict[str, bytes | None],
    ) -> None:
        repository = Tracker.make(tmp_path_factory.mktemp("tree") / "r", init=False)
        objects = Objects(Git(repository.root))
        if before:
            commit(repository, before)
        trees = objects.write(objects.head(), changes)
        for path, content in changes.items():
            file = repository.root / path
            if content is None:
                file.unlink(missing_ok=True)
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        repository.git("add", "-A")
        assert trees.root == repository.git("write-tree").strip()
        assert objects.all_there(trees.ids)

    def test_every_tree_that_is_new_is_named(self, repository: Tracker, objects: Objects) -> None:
        known = commit(repository, {"d/e/a": b"1", "d/b": b"2"})
        trees = objects.write(objects.head(), {"d/e/a": b"changed"})
        rows = repository.git("diff-tree", "-r", "-t", known, trees.root).splitlines()
        assert set(trees.ids) == {*(row.split(" ")[3] for row in rows), trees.root}
        assert trees.ids[-1] == trees.root

    def test_in_a_repository_of_longer_ids_they_are_what_git_itself_makes(self, tmp_path: Path) -> None:
        repository = Tracker(tmp_path / "long")
        repository.root.mkdir()
        repository.git("init", "-q", "--object-format=sha256")
        objects = Objects(Git(repository.root))
        commit(repository, {"d/e/a": b"1", "d/b": b"2"})
        trees = objects.write(objects.head(), {"d/e/a": b"changed"})
        commit(repository, {"d/e/a": b"changed"})
        assert trees.root == repository.git("rev-parse", "HEAD^{tree}").strip()

    def test_what_lies_beside_a_changed_file_keeps_its_kind(self, repository: Tracker, objects: Objects) -> None:
        commit(repository, {"d/run": b"#!/bin/sh\n", "d/a": b"1"})
        (repository.root / "d" / "run").chmod(0o755)
        (repository.root / "d" / "link").symlink_to("a")
        repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},d/sub")
        repository.git("add", "d/run", "d/link")
        repository.git("commit", "-qm", "kinds")
        before = tree_of(repository, "HEAD")
        changed = blob_id(b"changed", 40) or ""
        trees = objects.write(objects.head(), {"d/a": b"changed", "d/run": b"changed"})
        assert tree_of(repository, trees.root) == {
            **before,
            "d/a": f"100644 blob {changed}",
            "d/run": f"100755 blob {changed}",
        }
        assert trees.entries == {"d/a": Entry("100644", changed), "d/run": Entry("100755", changed)}

    @pytest.mark.parametrize("path", ["d/a/x", "d", "link", "sub", "sub/x", "link/x"])
    def test_a_path_that_is_something_else_is_refused(self, repository: Tracker, objects: Objects, path: str) -> None:
        commit(repository, {"d/a": b"1"})
        (repository.root / "link").symlink_to("d")
        repository.git("add", "link")
        repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
        repository.git("commit", "-qm", "kinds")
        with pytest.raises(Conflict, match=r"is not a (regular file|folder) in the last commit"):
            objects.write(objects.head(), {path: b"2"})

    @pytest.mark.parametrize("path", ["reports/A.yaml", "Reports/b.yaml", "reports/STRASSE.yaml", "reports/u\u0308"])
    def test_a_path_that_differs_only_by_case_is_refused(
        self, repository: Tracker, objects: Objects, path: str
    ) -> None:
        commit(repository, {"reports/a.yaml": b"1", "reports/straße.yaml": b"2", "reports/Ü": b"3"})
        with pytest.raises(Conflict, match="differs only by case"):
            objects.write(objects.head(), {path: b"2"})

    def test_names_are_compared_as_a_careless_file_system_does(self) -> None:
        assert folded("U\u0308.YAML") == folded("ü.yaml")
        assert folded("a.yaml") != folded("b.yaml")
