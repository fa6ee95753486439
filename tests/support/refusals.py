"""What holds for every command that fails."""

from __future__ import annotations

from support.cli import Done, Tracker


def refused(tracker: Tracker, code: int, *arguments: str, says: str = "", stdin: str | bytes = "") -> Done:
    """Run a command that has to fail, in words and as JSON, and to change nothing."""
    before = tracker.fingerprint()
    done = tracker.run(*arguments, stdin=stdin)
    assert_error(done, code, says)
    machine = tracker.run("--json", *arguments, stdin=stdin)
    assert (machine.code, machine.out) == (code, "")
    assert set(machine.error) >= {"code", "message", "hint"}
    assert all(word in f"{machine.error['message']} {machine.error['hint']}" for word in says.split(" … "))
    assert tracker.fingerprint() == before
    return done


def assert_error(done: Done, code: int, says: str) -> None:
    """`says` are words that have to be there, parts divided by an ellipsis."""
    assert (done.code, done.out) == (code, ""), done.err
    assert "Traceback" not in done.err
    assert "error: " in done.err
    for word in says.split(" … "):
        assert word in done.err
