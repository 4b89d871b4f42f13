from __future__ import annotations

import sys
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2 import Environment, FileSystemLoader

from checkout_desk.web.compiled import CompiledTemplates


class Counting(Environment):
    """Counts what it compiles."""

    compiled = 0

    def _compile(self, source: str, filename: str) -> CodeType:
        type(self).compiled += 1
        return super()._compile(source, filename)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A folder of templates, and one for what they become."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "page.html").write_text("Hello {{ name }}")
    return tmp_path, tmp_path / "__pycache__"


def rendered(sources: Path, kept: Path) -> tuple[str, int]:
    """What a process that starts now shows, and how many templates it compiles for that."""
    Counting.compiled = 0
    desk = Counting(loader=FileSystemLoader(sources), bytecode_cache=CompiledTemplates(kept))
    return desk.get_template("page.html").render(name="Mia"), Counting.compiled


def test_a_template_is_compiled_once_for_all_starts(places: tuple[Path, Path]) -> None:
    assert rendered(*places) == ("Hello Mia", 1)
    assert rendered(*places) == ("Hello Mia", 0)
    assert len(list(places[1].iterdir())) == 1


def test_a_changed_template_is_another_one(places: tuple[Path, Path]) -> None:
    rendered(*places)
    (places[0] / "page.html").write_text("Goodbye {{ name }}")
    assert rendered(*places) == ("Goodbye Mia", 1)
    assert len(list(places[1].iterdir())) == 1


@pytest.mark.parametrize("left", [b"", b"rubbish", None])
def test_a_damaged_file_is_made_anew(places: tuple[Path, Path], left: bytes | None) -> None:
    """None: half of it."""
    rendered(*places)
    [file] = places[1].iterdir()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if left is None else left)
    assert rendered(*places) == ("Hello Mia", 1)
    assert rendered(*places) == ("Hello Mia", 0)


def test_where_nothing_may_be_written_pages_are_shown(places: tuple[Path, Path], monkeypatch: Any) -> None:
    places[1].write_text("a file where the folder would be")
    assert rendered(*places) == ("Hello Mia", 1)
    places[1].unlink()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(*places) == ("Hello Mia", 1)
    assert not places[1].exists()


def test_a_disk_that_fills_up_leaves_no_draft(places: tuple[Path, Path], monkeypatch: Any) -> None:
    def full(bucket: object, file: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jinja2.bccache.Bucket.write_bytecode", full)
    assert rendered(*places) == ("Hello Mia", 1)
    assert list(places[1].iterdir()) == []


def test_the_desk_keeps_its_own(app: Flask) -> None:
    assert app.jinja_env.bytecode_cache is not None
