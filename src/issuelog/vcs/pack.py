"""Objects as a pack, the form in which git takes several of any kind at once.

Source: `man gitformat-pack`.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain

_KINDS = {"commit": 1, "tree": 2, "blob": 3}


def pack(objects: Sequence[tuple[str, bytes]], algorithm: str) -> bytes:
    """Return a pack of objects, each its kind and its content; `algorithm` is the one of the repository's ids."""
    made = b"".join(chain([b"PACK", _number(2), _number(len(objects))], *(_object(*one) for one in objects)))
    return made + hashlib.new(algorithm, made, usedforsecurity=False).digest()


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _object(kind: str, content: bytes) -> Iterator[bytes]:
    yield _head(_KINDS[kind], len(content))
    yield zlib.compress(content, 0)  # git compresses what it stores; here it would be for nothing


def _head(kind: int, size: int) -> bytes:
    """Return a kind and a size: four bits of it in the first byte, seven in each further one, the lowest first."""
    head = [kind << 4 | size & 0b1111]
    size >>= 4
    while size:
        head[-1] |= 0b1000_0000
        head.append(size & 0b111_1111)
        size >>= 7
    return bytes(head)
