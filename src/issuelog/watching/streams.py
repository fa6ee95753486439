"""Reading logs: whole lines in large blocks, of bounded size, from files that may grow, be cut or be replaced."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from issuelog.errors import Conflict, UsageError

MAX_LINE = 1 << 16
"""Bytes of a line that are kept; the rest of it is passed over."""
_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT = 4096
STANDARD_INPUT = "-"


@dataclass
class Log:
    """One log from its beginning: a file that takes the place of another is another log."""

    name: str
    lines: int = 0
    """Lines that were read."""


@dataclass(frozen=True)
class Block:
    """Some whole lines of a log, each with its line feed; the last one of a log may have none."""

    log: Log
    first: int
    text: bytes


class _Reads(Protocol):
    def read(self, size: int, /) -> bytes:
        """Return what is there, at most so many bytes; nothing at the end."""


@dataclass
class _Lines:
    """Puts what is read together to lines."""

    log: Log
    _rest: bytes = b""
    _passes_over: bool = False

    def blocks(self, data: bytes) -> Iterator[Block]:
        """Yield the lines that are complete now."""
        if self._passes_over:
            end = data.find(b"\n")
            if end < 0:
                return
            data = data[end + 1 :]
            self._passes_over = False
        if self._rest:
            data = self._rest + data
        end = data.rfind(b"\n") + 1
        self._rest = data[end:]
        text = data[:end]
        if len(self._rest) > MAX_LINE:
            text += self._rest[:MAX_LINE] + b"\n"
            self._rest, self._passes_over = b"", True
        yield from self._block(text)

    def end(self) -> Iterator[Block]:
        """Yield what has no line feed after it."""
        text, self._rest = self._rest, b""
        yield from self._block(text)

    def _block(self, text: bytes) -> Iterator[Block]:
        if text:
            block = Block(self.log, self.log.lines + 1, text)
            self.log.lines += text.count(b"\n") + (not text.endswith(b"\n"))
            yield block


def read(names: Sequence[str], folder: Path, standard_input: BinaryIO) -> Iterator[Block]:
    """Yield the blocks of logs, one log after the other; raises UsageError where one cannot be read."""
    for name in names:
        if name != STANDARD_INPUT:
            _require_there(folder / name, name)
    for name in names:
        if name == STANDARD_INPUT:
            yield from _whole(name, _Available(standard_input))
            continue
        with closing(_opened(folder / name, name)) as stream:
            yield from _whole(name, stream)


def _whole(name: str, stream: _Reads) -> Iterator[Block]:
    lines = _Lines(Log(name))
    head = _read(name, stream)
    source: _Reads = _Unpacked(head, stream) if head.startswith(_GZIP) else stream
    data = _read(name, source) if source is not stream else head
    _require_narrow(name, data)
    while data:
        yield from lines.blocks(data)
        data = _read(name, source)
    yield from lines.end()


def _read(name: str, source: _Reads) -> bytes:
    """Return what is there. What goes wrong here must not be taken for what goes wrong in printing it."""
    try:
        return source.read(_BLOCK)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise Conflict(f"{name} is damaged: its end could not be unpacked") from None
    except OSError as error:
        raise Conflict(f"{name} cannot be read: {error.strerror}") from None


def _require_narrow(name: str, head: bytes) -> None:
    if head.startswith(_WIDE) or head[:_LOOKED_AT].count(0) * 3 > len(head[:_LOOKED_AT]):
        raise UsageError(
            f"{name} is text in 16-bit characters, or no text",
            hint=f"iconv -f UTF-16 -t UTF-8 {name} | issuelog watch-log -",
        )


def _require_there(path: Path, name: str) -> None:
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            raise UsageError(f"{name} is a folder; name the files in it")
    except FileNotFoundError:
        raise UsageError(f"there is no file {name}") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None


def _opened(path: Path, name: str) -> BinaryIO:
    _require_there(path, name)
    try:
        return cast(BinaryIO, path.open("rb", buffering=0))  # it reads what is there, and waits for no more
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None


@dataclass
class _Available:
    """Standard input: hands on what is there, and waits only where nothing is."""

    stream: BinaryIO

    def read(self, size: int, /) -> bytes:
        found: bytes = getattr(self.stream, "read1", self.stream.read)(size)
        return found


class _Unpacked:
    """What a compressed log holds, of which the first bytes were read already."""

    def __init__(self, head: bytes, stream: _Reads) -> None:
        self._head = head
        self._stream = stream
        self._file = gzip.GzipFile(fileobj=cast(BinaryIO, _Rest(head, stream)), mode="rb")  # it only reads

    def read(self, size: int, /) -> bytes:
        return self._file.read1(size)


@dataclass
class _Rest:
    head: bytes
    stream: _Reads

    def read(self, size: int, /) -> bytes:
        found, self.head = self.head[:size], self.head[size:]
        return found or self.stream.read(size)


# --- files that grow -----------------------------------------------------------------------------------------------


@dataclass
class _Growing:
    """A file that somebody writes to; another one may take its place, and it may be cut."""

    name: str
    path: Path
    _stream: BinaryIO | None = None
    _lines: _Lines = field(init=False)
    _position: int = 0

    def __post_init__(self) -> None:
        self._lines = _Lines(Log(self.name))

    def new(self) -> Iterator[Block]:
        """Yield what was written since the last look."""
        if self._stream is None and not self._open():
            return
        yield from self._read()
        if self._is_replaced():
            yield from self._read()  # what was written before it was moved away
            yield from self._lines.end()
            self.close()
            if self._open():
                yield from self._read()

    def _read(self) -> Iterator[Block]:
        assert self._stream is not None
        if os.fstat(self._stream.fileno()).st_size < self._position:
            yield from self._lines.end()
            self._stream.seek(0)
            self._begin()
        while data := _read(self.name, self._stream):
            if not self._position:
                _require_narrow(self.name, data)
            self._position += len(data)
            yield from self._lines.blocks(data)

    def _open(self) -> bool:
        try:
            self._stream = _opened(self.path, self.name)
        except UsageError:
            if not self.path.exists():
                return False  # it may come again
            raise
        self._begin()
        return True

    def _begin(self) -> None:
        self._position = 0
        self._lines = _Lines(Log(self.name))

    def _is_replaced(self) -> bool:
        assert self._stream is not None
        try:
            there = self.path.stat()
        except OSError:
            return False  # moved away, and nothing in its place yet
        return not os.path.samestat(there, os.fstat(self._stream.fileno()))

    def close(self) -> None:
        if self._stream:
            self._stream.close()
            self._stream = None


def follow(names: Sequence[str], folder: Path, wait: Callable[[], object]) -> Iterator[Block | None]:
    """Yield the blocks of files as they are written, without end; None whenever there was nothing new.

    A file that is not there, or no more, is waited for. `wait` passes the time between two looks.
    """
    files = [_Growing(name, folder / name) for name in names]
    for file in files:
        _require_there(file.path, file.name)
    try:
        while True:
            something = False
            for file in files:
                for block in file.new():
                    something = True
                    yield block
            if not something:
                yield None
                wait()
    finally:
        for file in files:
            file.close()
