"""`checkout-desk catalogue` as people script against it, and what `doctor` says of the ledger."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from checkout_desk import cli, doctor
from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from tests.builders import Shop
from tests.catalogue.making import product

FILE = "sku,name,price,stock\nTP-06,Teapot,22.00,4\nTP-12,Large teapot,28.00,-1\n"


@pytest.fixture
def here(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The command finds this shop instead of making an app of its own."""

    def ready() -> Flask:
        return shop.app

    monkeypatch.setattr(cli, "_ready_app", ready)
    return shop


def test_import_reports_skips_and_exports(
    here: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ours.csv"
    path.write_text(FILE)
    assert cli.run(["catalogue", "import", str(path), "--dry-run"]) == 1
    assert "line 3, stock: Stock cannot be “-1”" in capsys.readouterr().out
    assert cli.run(["catalogue", "import", str(path)]) == 1
    assert "Nothing was imported" in capsys.readouterr().out
    assert here.all(Product) == []
    assert cli.run(["catalogue", "import", str(path), "--dry-run", "--skip-bad"]) == 0
    assert here.all(Product) == []
    assert cli.run(["catalogue", "import", str(path), "--skip-bad"]) == 0
    assert capsys.readouterr().out.endswith("1 new, 0 changed, 0 as before. 1 bad line left out.\n")
    assert cli.run(["catalogue", "export"]) == 0
    out = capsys.readouterr().out
    assert "TP-06,Teapot,22.00,GBP,4" in out

    class Stdin:
        buffer = io.BytesIO(out.encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    assert cli.run(["catalogue", "import", "-"]) == 0
    assert capsys.readouterr().out == "0 new, 0 changed, 1 as before.\n"


def test_a_file_that_is_not_there_is_said_in_one_line(here: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["catalogue", "import", "/nowhere/ours.csv"]) == 2
    assert (
        capsys.readouterr().err
        == "checkout-desk: /nowhere/ours.csv: cannot be read (No such file or directory).\n"
    )


def test_doctor_replays_the_ledger(shop: Shop) -> None:
    with shop.writing():
        stock.receive(product().id, 5)
    with shop.app.app_context():
        assert list(doctor.stock_ledger()) == [(True, "every balance equals its replayed ledger")]
        db.session.execute(text("UPDATE product SET held = 2"))
        ((ok, words),) = doctor.stock_ledger()
        assert not ok
        assert words.startswith("MUG-BLU shows 2 held, its ledger gives 0; ")
        db.session.rollback()
    assert "stock" in doctor.NEED_DATABASE
