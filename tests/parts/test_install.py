"""The command that fetches missing parts says what it did, and why it could not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parts import install
from tests.parts.install import Part


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of our own, with one part to fetch: a file `thing` in the folder."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(install, "PARTS", (Part("Thing", "thing-package", (tmp_path / "thing").exists),))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return tmp_path


def apt_get(folder: Path, script: str) -> None:
    """Put a program named apt-get into the folder."""
    program = folder / "apt-get"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_it_fetches_what_is_missing(bin_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apt_get(bin_folder, f'echo "$@" >> {bin_folder}/calls; [ "$1" = update ] || : > {bin_folder}/thing')
    assert install.main([]) == 0
    assert "Thing: installed (package thing-package)" in capsys.readouterr().out
    expected = ["update", "install --yes --no-install-recommends thing-package"]
    assert (bin_folder / "calls").read_text().splitlines() == expected
    assert install.main([]) == 0
    assert "Thing: already here" in capsys.readouterr().out


def test_it_says_what_apt_get_said(bin_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apt_get(bin_folder, 'echo "E: no such package" >&2; exit 100')
    assert install.main([]) == 0
    assert "Thing: missing" in (said := capsys.readouterr().out)
    assert "ended with 100: E: no such package" in said


def test_it_says_that_there_is_no_apt_get(bin_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert install.main([]) == 0
    assert "there is no apt-get here" in capsys.readouterr().out


def test_it_says_that_root_is_needed(
    bin_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    apt_get(bin_folder, "exit 1")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert install.main([]) == 0
    assert "only root can install packages" in capsys.readouterr().out


def test_it_only_looks_when_told(bin_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apt_get(bin_folder, f": > {bin_folder}/thing")
    assert install.main(["--check"]) == 0
    assert "only asked to look" in capsys.readouterr().out
    assert not (bin_folder / "thing").exists()
