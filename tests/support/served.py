"""The `issuelog` of a shell at a fraction of its time: each call is a process of its own that imports nothing any more.

A program of that name hands its arguments, folder, environment and streams to a server, which has everything imported
already and forks. What the imports are, and the installed program, is looked at by tests that start it themselves.
"""

from __future__ import annotations

import importlib
import marshal
import os
import pkgutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import issuelog
from issuelog.cli.main import main

_CLIENT = """#!{python} -IS
import marshal, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
call = marshal.dumps((sys.argv[1:], os.getcwd(), dict(os.environ)))
socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
server.sendall(call)
code = server.recv(1)
os._exit(code[0] if code else 70)
"""
_CRASHED = 70


@contextmanager
def served() -> Iterator[Path]:
    """Serve `issuelog` for as long as the block runs, and give the folder for PATH that it is in."""
    with tempfile.TemporaryDirectory() as place:  # and none of the test's: a socket's path is short
        folder, address = Path(place), f"{place}/socket"
        (folder / "issuelog").write_text(_CLIENT.format(python=sys.executable, address=address))
        (folder / "issuelog").chmod(0o755)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(address)
            listening.listen()
            server = _fork()
            if not server:
                _serve_to_the_end(listening)
        try:
            yield folder
        finally:
            os.kill(server, signal.SIGKILL)
            os.waitpid(server, 0)


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner: the child uses none
        return os.fork()


def _serve_to_the_end(listening: socket.socket) -> None:
    """Serve, and never come back to the test that was forked."""
    try:
        _serve(listening)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(_CRASHED)


def _serve(listening: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for module in pkgutil.walk_packages(issuelog.__path__, "issuelog."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    while True:
        called, _ = listening.accept()
        if not _fork():
            code = _CRASHED
            try:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                code = _answer(called)
            finally:
                called.sendall(bytes([code]))
                os._exit(code)
        called.close()


def _answer(called: socket.socket) -> int:
    """Run one call, with the streams, the folder and the environment of the caller."""
    size, streams, _, _ = socket.recv_fds(called, 4, 3)
    with called.makefile("rb") as call:
        arguments, folder, environment = marshal.loads(call.read(int.from_bytes(size, "big")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", errors="backslashreplace")  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    code = main(arguments)
    for printed in (sys.stdout, sys.stderr):
        printed.flush()
    return code
