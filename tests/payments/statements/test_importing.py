"""Statements become payments once, however often and in whatever pieces they are imported."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.payments import importing
from checkout_desk.payments.models import Payment, Statement
from checkout_desk.payments.statements.columns import Columns
from tests.builders import Shop

FILES = Path(__file__).parent / "files"
HEAD = "Date,Amount,Description,Name,Currency\n"


def data(name: str) -> bytes:
    return (FILES / name).read_bytes()


@pytest.fixture
def bank(shop: Shop) -> Shop:
    """A shop, inside its application."""
    shop.person("manager")
    return shop


def take(shop: Shop, file: bytes, name: str = "november.csv") -> importing.Plan:
    """Import a file and return the plan that said what it would bring."""
    by = db.session.get_one(Person, shop.person("manager"))
    planned = importing.plan(file, name)
    importing.take_in(planned, by=by)
    return planned


def payments() -> list[Payment]:
    return list(db.session.scalars(select(Payment).order_by(Payment.received_at, Payment.id)))


def test_incoming_rows_become_payments_with_what_the_bank_says(bank: Shop) -> None:
    with bank.app.app_context():
        planned = take(bank, data("sparkasse.csv"))
        assert (len(planned.new), len(planned.known), len(planned.outgoing)) == (2, 0, 1)
        assert planned.new_minor == 8390
        first, second = payments()
        assert (first.source, first.amount_minor, first.currency) == ("bank", 6390, "EUR")
        assert (first.payer_name, first.payer_account) == ("Jürgen Müller", "DE02120300000000202051")
        assert first.text == "RF85 1042 Q2 blaue Becher"
        assert first.received_at == datetime(2026, 11, 3, 12, tzinfo=UTC)
        assert first.state != "received", "each new payment was matched"
        statement = db.session.scalars(select(Statement)).one()
        assert (statement.rows, statement.taken, statement.form) == (3, 3, "csv")
        assert second.statement_id == statement.id


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_importing_twice_adds_nothing(bank: Shop, name: str) -> None:
    with bank.app.app_context():
        first = take(bank, data(name))
        before = len(payments())
        again = take(bank, data(name))
        assert before == len(first.new) > 0
        assert (len(again.new), len(again.known)) == (0, before)
        assert again.statement_id is not None
        assert len(payments()) == before
        assert len(db.session.scalars(select(Statement)).all()) == 1


def test_overlapping_statements_show_what_is_known(bank: Shop) -> None:
    monday = "2026-11-02,12.00,Order 7,Jane,GBP\n2026-11-02,12.00,Order 7,Jane,GBP\n"
    tuesday = "2026-11-03,5.00,Order 8,Eve,GBP\n"
    with bank.app.app_context():
        take(bank, (HEAD + monday[: len(monday) // 2]).encode())
        planned = take(bank, (HEAD + monday + tuesday).encode())
        assert [row.amount_minor for row in planned.known] == [1200]
        assert [row.amount_minor for row in planned.new] == [1200, 500]
        assert sorted(payment.amount_minor for payment in payments()) == [500, 1200, 1200]


def test_a_file_with_faults_is_planned_but_not_taken(bank: Shop) -> None:
    with bank.app.app_context():
        file = (HEAD + "2026-11-02,12.00,a,b,GBP\nyesterday1,1.00,a,b,GBP\n").encode()
        planned = importing.plan(file, "x.csv")
        assert [fault.line for fault in planned.parsed.faults] == [3]
        with pytest.raises(Refused, match=r"Line 3 .* “yesterday1” is not a date.* Nothing was imported"):
            take(bank, file)
        db.session.rollback()
        assert payments() == []


def test_an_import_that_stopped_goes_on_where_it_was(bank: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    file = (HEAD + "".join(f"2026-11-02,{n}.00,Order {n},Jane,GBP\n" for n in range(1, 8))).encode()
    with bank.app.app_context():
        by = db.session.get_one(Person, bank.person("manager"))
        seen: list[tuple[int, int]] = []

        def dies(done: int, total: int) -> None:
            seen.append((done, total))
            if done == 4:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            importing.take_in(importing.plan(file, "x.csv"), by=by, told=dies)
        assert seen == [(2, 7), (4, 7)]
        statement = db.session.scalars(select(Statement)).one()
        assert (statement.taken, len(payments())) == (4, 4)
        db.session.rollback()
        importing.carry_on(statement.id)
        importing.carry_on(statement.id)
        assert sorted(p.amount_minor for p in payments()) == [100 * n for n in range(1, 8)]


def test_a_saved_map_reads_the_bank_s_next_file(bank: Shop) -> None:
    file = b"Wann;Wieviel;Wozu\n03.11.2026;12,00;Order 7\n"
    columns = Columns("Wann", amount="Wieviel", text="Wozu", currency_is="EUR")
    with bank.app.app_context():
        with pytest.raises(importing.Unusable, match="“Wann”, “Wieviel”, “Wozu”"):
            importing.plan(file, "x.csv")
        begin_write()
        importing.save_map("Our bank", file, columns)
        db.session.commit()
        assert [found.name for found in importing.fitting(file)] == ["Our bank"]
        planned = importing.plan(file.replace(b"12,00", b"13,00"), "y.csv")
        assert [(row.amount_minor, row.currency, row.text) for row in planned.new] == [
            (1300, "EUR", "Order 7")
        ]


def test_another_account_and_missing_totals_are_said_before(bank: Shop) -> None:
    from checkout_desk.settings.models import PaymentMethod

    with bank.app.app_context():
        begin_write()
        db.session.add(
            PaymentMethod(
                kind="bank", name="Bank", settings={"iban": "GB33BUKB20201555555555", "holder": "F"}
            )
        )
        db.session.commit()
        notes = importing.plan(data("sparkasse.csv"), "x.csv").notes
        assert any("DE89370400440532013000, which is none of the store's own" in note for note in notes)
        assert any("compare the total" in note for note in notes)
        assert any("1 not booked yet is left out" in note for note in notes)
        assert not any("compare" in note for note in importing.plan(data("camt_02.xml"), "x.xml").notes)
