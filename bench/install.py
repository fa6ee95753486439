"""Puts the other trackers into the bench's cache, without root: python -m bench.install

Debian's packages are downloaded and unpacked, what PyPI and npm have is installed into folders of its own. What cannot
be installed so is named, with the package to install instead.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench import cache
from bench.peers import Store
from bench.trial import Peers

_DEBIAN = ("taskwarrior", "cil")


def main() -> None:
    """Install what can be installed, and say what is there and what is missing."""
    root = cache.folder() / "peers"
    root.mkdir(exist_ok=True)
    steps: list[Callable[[Path], None]] = [*(partial(_debian, package) for package in _DEBIAN), _npm, _pypi]
    for step in steps:
        _attempt(step, root)
    peers = Peers.look(Store(root), root)
    for peer, version in peers.found:
        sys.stdout.write(f"{peer.name} {version}\n")
    for peer in peers.missing:
        sys.stdout.write(f"not here: {peer.name}; install {peer.package}\n")


def _attempt(step: Callable[[Path], None], root: Path) -> None:
    try:
        step(root)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")


def _debian(package: str, root: Path) -> None:
    """Unpack a package and what it needs and this machine lacks."""
    planned = _output(["apt-get", "--simulate", "--no-install-recommends", "install", package])
    names = [line.split()[1] for line in planned.splitlines() if line.startswith("Inst ")]
    downloads = root / "downloads"
    downloads.mkdir(exist_ok=True)
    if names:
        subprocess.run(["apt-get", "--quiet", "download", *names], cwd=downloads, check=True, stdout=subprocess.DEVNULL)
    for file in downloads.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", str(file), str(root / "debian")], check=True)
        file.unlink()


def _npm(root: Path) -> None:
    words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(root / "npm"), "backlog.md"]
    subprocess.run(words, check=True)


def _pypi(root: Path) -> None:
    venv.create(root / "pypi", with_pip=True)
    subprocess.run([str(root / "pypi/bin/pip"), "install", "-qq", "todoman"], check=True)


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
