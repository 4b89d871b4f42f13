"""The files around the code say the same as the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from checkout_desk import cli
from checkout_desk.supervisor import GRACE, read_procfile

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CORE = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
EXTRA = [
    Requirement(text)
    for extra in PROJECT["project"]["optional-dependencies"].values()
    for text in extra
    if not text.startswith("checkout-desk")
]


def locked(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text()
    return {canonicalize_name(p): v for p, v in re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", lines, re.MULTILINE)}


@pytest.mark.parametrize(
    ("lock", "wanted"), [("requirements.lock", CORE), ("requirements-dev.lock", CORE + EXTRA)]
)
def test_a_lock_has_what_pyproject_wants(lock: str, wanted: list[Requirement]) -> None:
    """Run `make lock` when this is red."""
    have = locked(lock)
    wrong = [
        str(r) for r in wanted if not r.specifier.contains(have.get(canonicalize_name(r.name), "0.dev0"))
    ]
    assert wrong == []


def test_the_locks_agree_and_the_lean_one_is_lean() -> None:
    core, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: dev.get(name) for name in core} == core
    assert {"pytest", "ruff", "playwright"}.isdisjoint(core)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_a_hash_for_everything_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert re.findall(r"^[A-Za-z0-9_.-]+==[^\n]*[^\\\n]$", text, re.MULTILINE) == []
    assert "://" not in text


def test_the_procfile_names_commands_that_exist_and_kinds_that_are_stopped() -> None:
    processes = read_procfile(ROOT / "Procfile", {})
    assert [p.kind for p in processes] == ["web", "worker", "clock", "mailbox"]
    assert all(p.words[0] == "checkout-desk" and p.words[1] in cli.desk.commands for p in processes)
    assert [kind for kind in GRACE if kind != "valkey"] == [p.kind for p in processes]


def test_the_readme_names_the_commands_that_make_has() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text()))
    assert {"demo", "test"} <= named <= targets


def test_a_web_process_does_without_what_few_pages_need(tmp_path: Path) -> None:
    """Reading and filing mail, and libraries for one thing each, are megabytes and tenths of a second (PERFORMANCE P12)."""
    script = (
        "import sys; from checkout_desk.app import create_app; create_app(); "
        "print(*sorted({*sys.argv[1:]} & sys.modules.keys()))"
    )
    environment = {**os.environ, "DESK_HOME": str(tmp_path)}
    rare = [
        "checkout_desk.intake.taking_in", "checkout_desk.reading.reading", "cryptography.fernet", "imapclient", "markdown_it",
        "mt940", "nh3", "rapidfuzz", "text_to_num", "xml.etree.ElementTree", "zxingcpp",
    ]  # fmt: skip
    found = subprocess.run(
        [sys.executable, "-c", script, *rare], env=environment, capture_output=True, check=True
    )
    assert found.stdout.decode().split() == []
