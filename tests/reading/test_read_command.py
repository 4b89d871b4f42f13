"""`checkout-desk read`: a dry run that needs nothing, with the JSON that people script against."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkout_desk import cli
from tests.reading.cases import HERE

CATALOGUE = str(HERE / "catalogues" / "tea.csv")
ORDER = """From: Alice Brown <alice@example.org>
Message-ID: <a1@example.org>
Date: Mon, 2 Nov 2026 09:12:00 +0000
Subject: Order

2 x blue mug please, to Alice Brown, 14 Elm Road, Leeds LS1 4AB.
"""
CHANGE = """From: Alice Brown <alice@example.org>
Message-ID: <a2@example.org>
In-Reply-To: <a1@example.org>
Subject: Re: Order

Sorry, make it 3 instead. My phone is 0191 498 0123.
"""


@pytest.fixture
def mails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DESK_HOME", str(tmp_path / "never"))
    for name, text in (("a.eml", ORDER), ("b.eml", CHANGE)):
        (tmp_path / name).write_text(text)
    return [str(tmp_path / "a.eml"), str(tmp_path / "b.eml")]


def test_the_json_has_what_the_specification_names(
    mails: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.run(["read", *mails, "--catalogue", CATALOGUE, "--country", "GB", "--json"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert list(first) == [
        "file", "kind", "role", "message", "lines", "ambiguous", "unmatched", "customer", "ship_to", "gaps", "milliseconds",
    ]  # fmt: skip
    assert (first["kind"], first["role"], first["gaps"]) == ("order", "new", ["phone"])
    line = first["lines"][0]
    start, end = line["span"]
    assert first["message"]["fresh_text"][start:end] == line["text"] == "2 x blue mug"
    assert (line["sku"], line["quantity"], line["needs_review"], line["source"]) == (
        "MUG-BLU",
        2,
        False,
        "body",
    )
    assert first["ship_to"]["postcode"] == "LS1 4AB"
    assert (second["role"], [(li["sku"], li["quantity"]) for li in second["lines"]], second["gaps"]) == (
        "update",
        [("MUG-BLU", 3)],
        [],
    )
    assert not (tmp_path / "never").exists()


def test_words_for_people(mails: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["read", mails[0], "--catalogue", CATALOGUE]) == 0
    said = capsys.readouterr().out
    assert "2 x MUG-BLU" in said
    assert "missing: phone" in said


@pytest.mark.parametrize(
    ("more", "names"),
    [
        (["--country", "XX"], "'XX'"),
        (["--catalogue", "{tmp}/none.csv"], "none.csv"),
        (["--catalogue", "{tmp}/wrong.csv"], "sku"),
        (["--catalogue", "{tmp}/empty.csv"], "line 2"),
        (["{tmp}/missing.eml"], "missing.eml"),
    ],
)
def test_bad_input_gets_one_line(
    mails: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, more: list[str], names: str
) -> None:
    (tmp_path / "wrong.csv").write_text("number,title\n1,Mug\n")
    (tmp_path / "empty.csv").write_text("sku,name\n,Mug\n")
    assert cli.run(["read", mails[0], *(word.replace("{tmp}", str(tmp_path)) for word in more)]) == 2
    said = capsys.readouterr().err
    assert names in said
    assert said.count("\n") == 1
