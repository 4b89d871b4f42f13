"""Files as banks give them: what each form says, and that a file that is not whole is not taken."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from checkout_desk.payments.statements import csv_file, reading
from checkout_desk.payments.statements.columns import Columns
from checkout_desk.payments.statements.rows import LARGEST, Parsed, Unusable

FILES = Path(__file__).parent / "files"


def data(name: str) -> bytes:
    return (FILES / name).read_bytes()


def parsed(name: str, **more: str) -> Parsed:
    return reading.read(data(name), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "form", "account", "currency", "amounts", "opening", "closing"),
    [
        ("sparkasse.csv", "csv", "DE89370400440532013000", "EUR", [6390, -123456, 2000], None, None),
        ("building_society.csv", "csv", "", "GBP", [6390, -101000, 100000], 123456, 128846),
        ("banque.csv", "csv", "FR1420041010050500013M02606", "EUR", [106390, -4510], None, None),
        ("banco.csv", "csv", "", "EUR", [6390, -4000], 14000, 16390),
        ("app_bank.csv", "csv", "", "GBP", [6390, -1390], 10000, 15000),
        ("nederland.csv", "csv", "NL69INGB0123456789", "EUR", [6390, -20000], 120000, 106390),
        ("american.csv", "csv", "", "USD", [6390, -3610], 123610, 126390),
        ("schweiz.csv", "csv", "", "CHF", [126390, -50000], 150000, 226390),
        ("mt940_german.sta", "mt940", "37040044/0532013000", "EUR", [6390, -1050, 2000], 100000, 107340),
        ("mt940_dutch.sta", "mt940", "NL69INGB0123456789", "EUR", [6390], 100000, 106390),
        (
            "camt_02.xml",
            "camt053",
            "DE89370400440532013000",
            "EUR",
            [6390, 2000, 3000, -1050],
            100000,
            110340,
        ),
        ("camt_08.xml", "camt053", "CH9300762011623852957", "CHF", [6390], -1000, 5390),
        ("statement.qfx", "ofx", "20041538290008", "GBP", [6390, -1000], None, 126390),
        ("statement2.ofx", "ofx", "121000358999988", "USD", [6390], None, 16390),
    ],
)
def test_each_form_says_its_rows_account_and_balances(
    name: str,
    form: str,
    account: str,
    currency: str,
    amounts: list[int],
    opening: int | None,
    closing: int | None,
) -> None:
    found = reading.read(data(name), currency="USD")
    assert (found.form, found.account, found.currency) == (form, account, currency)
    assert [row.amount_minor for row in found.rows] == amounts
    assert (found.opening, found.closing) == (opening, closing)
    assert found.checked is (opening is not None)
    assert not found.faults
    assert len({row.fingerprint for row in found.rows}) == len(amounts)


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_the_reference_is_found_in_every_file(path: Path) -> None:
    texts = [row.text.replace(" ", "") for row in reading.read(path.read_bytes(), currency="USD").rows]
    assert any("RF851042Q2" in text or "ORDER1042" in text for text in texts)


def test_the_other_side_and_its_words() -> None:
    first = parsed("sparkasse.csv").rows[0]
    assert (first.name, first.account) == ("Jürgen Müller", "DE02120300000000202051")
    assert (first.booked_on, first.line, first.text) == (date(2026, 11, 3), 2, "RF85 1042 Q2 blaue Becher")
    dutch = parsed("mt940_dutch.sta").rows[0]
    assert (dutch.name, dutch.account) == ("J DE VRIES", "NL91ABNA0417164300")
    assert (dutch.text, dutch.bank_ref) == ("ORD-1042 RF851042Q2", "26307000001")
    german = parsed("mt940_german.sta").rows[0]
    assert (german.name, german.text) == ("JUERGEN MUELLER", "ORD-1042 RF85 1042 Q2 blaue Becher")
    swiss = parsed("camt_08.xml").rows[0]
    assert (swiss.name, swiss.account, swiss.bank_ref) == ("Hans Muster", "01-2345-6", "CH1")


def test_a_batch_is_as_many_rows_as_transactions() -> None:
    rows = parsed("camt_02.xml").rows[1:3]
    assert [(row.name, row.amount_minor, row.text, row.bank_ref) for row in rows] == [
        ("Anna Groß", 2000, "Bestellung 1043", "B2611040007/1"),
        ("Bo Lind", 3000, "E-2 Order 1044", "B2611040007/2"),
    ]


def test_what_is_not_booked_yet_is_left_out() -> None:
    assert parsed("camt_08.xml").left_out == 1
    assert parsed("sparkasse.csv").left_out == 1
    assert parsed("app_bank.csv").left_out == 1


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.995])
@pytest.mark.parametrize("name", ["camt_02.xml", "camt_08.xml", "statement.qfx", "mt940_german.sta"])
def test_a_truncated_file_is_refused_as_such(name: str, keep: float) -> None:
    whole = data(name).rstrip().rstrip(b"-").rstrip()
    with pytest.raises(Unusable, match=r"complete|in the middle|no currency|damaged|no MT940"):
        reading.read(whole[: int(len(whole) * keep)])


def test_a_camt_file_that_lost_an_entry_does_not_come_to_the_bank_s_totals() -> None:
    text = data("camt_02.xml").decode()
    begin, end = text.index("   <Ntry>"), text.index("</Ntry>") + len("</Ntry>\n")
    with pytest.raises(Unusable, match=r"says 3 entries .* holds 2"):
        reading.read((text[:begin] + text[end:]).encode())
    without = text[: text.index("   <TxsSummry>")] + text[text.index("</TxsSummry>") + 13 :]
    begin, end = without.index("   <Ntry>"), without.index("</Ntry>") + len("</Ntry>\n")
    with pytest.raises(
        Unusable, match=r"do not add up to the bank's own balance: €1,000.00 .* €39.50 .* €1,103.40"
    ):
        reading.read((without[:begin] + without[end:]).encode())


def test_an_mt940_or_csv_that_lost_a_row_does_not_come_to_its_balance() -> None:
    text = data("mt940_german.sta").decode()
    begin, end = text.index(":61:2611041104CR"), text.index(":62F:")
    with pytest.raises(Unusable, match="do not add up"):
        reading.read((text[:begin] + text[end:]).encode())
    lines = data("building_society.csv").splitlines(keepends=True)
    with pytest.raises(Unusable, match="do not add up"):
        reading.read(b"".join(lines[:5] + lines[6:7] * 0 + lines[5:6] + lines[7:]))


def test_a_csv_of_another_bank_is_refused_with_the_columns_it_has_and_expects() -> None:
    theirs = Columns("Buchungstag", amount="Betrag", text="Verwendungszweck")
    with pytest.raises(Unusable) as refusal:
        reading.read(data("app_bank.csv"), columns=theirs)
    said = str(refusal.value)
    assert said.startswith(
        "This is a CSV of another bank: it has the columns “Type”, “Product”, “Started Date”"
    )
    assert said.endswith("expected “Buchungstag”, “Betrag”, “Verwendungszweck”.")


def test_columns_that_nobody_knows_are_named() -> None:
    with pytest.raises(Unusable, match="“Wann”, “Wieviel”; none of them is known"):
        reading.read(b"Wann;Wieviel\n03.11.2026;12,00\n")
    found = reading.read(
        b"Wann;Wieviel\n03.11.2026;12,00\n", columns=Columns("Wann", amount="Wieviel", currency_is="EUR")
    )
    assert [(row.booked_on, row.amount_minor) for row in found.rows] == [(date(2026, 11, 3), 1200)]


def test_faulty_lines_are_told_by_their_number_and_the_others_are_read() -> None:
    found = reading.read(
        b"Date,Amount,Description\n2026-11-03,12.00,a\n2026-13-03,1.00,b\n2026-11-04,1x2,c\n2026-11-05,1.234,d\n",
        currency="GBP",
    )
    assert [row.amount_minor for row in found.rows] == [1200]
    assert [(fault.line, fault.why) for fault in found.faults] == [
        (3, "“2026-13-03” is not a date (ymd)."),
        (4, "“1x2” is not an amount."),
        (5, "“1.234” has too many decimals; GBP has 2."),
    ] or [fault.line for fault in found.faults] == [3, 4, 5]


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("1.234,56", 123456),
        ("-1.234,56", -123456),
        ("1 234,56", 123456),
        ("1\u00a0234,56-", -123456),
        ("(12,00)", -1200),
        ("+0,5", 50),
        ("€ 7", 700),
        ("\u22123,10", -310),
        ("12,000", 1200),
    ],
)
def test_amounts_with_a_decimal_comma(cell: str, minor: int) -> None:
    file = f'Datum;Betrag;Text\n03.11.2026;"{cell}";a\n04.11.2026;"9,99";b\n'.encode()
    found = reading.read(file, columns=Columns("Datum", amount="Betrag", decimal=","), currency="EUR")
    assert (found.rows[0].amount_minor, found.faults) == (minor, ())


def test_currencies_without_and_with_three_decimals() -> None:
    yen = reading.read(b"Date,Amount,Currency\n2026-11-03,1200,JPY\n")
    dinar = reading.read(b"Date;Amount;Currency\n2026-11-03;1.250;KWD\n")
    assert (yen.rows[0].amount_minor, dinar.rows[0].amount_minor) == (1200, 1250)


def test_equal_bookings_of_a_day_are_told_apart_and_overlaps_are_recognised() -> None:
    head = "Date,Amount,Description\n"
    row = "2026-11-03,12.00,Order 7\n"
    once = reading.read((head + row).encode(), currency="GBP").rows
    twice = reading.read((head + "2026-11-02,5.00,x\n" + row + row).encode(), currency="GBP").rows
    assert twice[1].fingerprint == once[0].fingerprint
    assert twice[2].fingerprint != once[0].fingerprint


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"just a letter\nof some lines\n", "no CSV of bookings"),
        (b"\x00\x01\x02binary\x00", "no text"),
        (b"<html><body>sign in</body></html>", "no camt.053"),
        (b"<html><body>sign in", "no camt.053"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.02"/>', "intraday"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.13"/>', "versions 02 to 08"),
        (b"OFXHEADER:100\n\n<OFX><NOTHING></OFX>", "cannot be read"),
        (b":20:X\n:25:Y\n:28C:1\n", "no balance"),
    ],
)
def test_what_is_no_statement_is_refused_with_a_sentence(file: bytes, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        reading.read(file)


def test_large_files_are_refused_before_they_are_read() -> None:
    with pytest.raises(Unusable, match="10 MB at most"):
        reading.read(b"a" * (LARGEST + 1))


def test_no_entity_is_expanded_and_nothing_is_fetched() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    canary = b'<?xml version="1.0"?><!DOCTYPE d SYSTEM "file:///etc/passwd">'
    for head in (bomb, canary):
        with pytest.raises(Unusable, match="document type or entities"):
            reading.read(head + data("camt_02.xml").split(b"?>", 1)[1])
        with pytest.raises(Unusable, match="document type or entities"):
            reading.read(data("statement2.ofx").replace(b"<OFX>", head.split(b"?>")[1] + b"<OFX>", 1))


def test_deep_nesting_is_refused() -> None:
    deep = b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">' + b"<a>" * 100
    with pytest.raises(Unusable, match="64 levels"):
        reading.read(deep)


def test_a_file_is_never_opened_by_name(tmp_path: Path) -> None:
    text = data("mt940_dutch.sta")
    secret = tmp_path / "secret"
    secret.write_bytes(text)
    with pytest.raises(Unusable):
        csv_file.read(str(secret).encode())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("mt940_german.sta", b"EUR1000,00", b"EUR1000,001"),
        ("mt940_german.sta", b":60F:C261102EUR", b":60F:C26110203C"),
        ("camt_02.xml", b"2026-11-03T00", b"2026-00:00"),
        ("camt_02.xml", b">1103.40<", b">g13.90<"),
        ("statement.qfx", b"1263.90", b"1269999999999993.90"),
        ("statement.qfx", b"<STMTTRN><TRNTYPE>DEBIT", b"<STMTTRX><TRNTYPE>DEBIT"),
    ],
)
def test_damage_outside_of_rows_is_a_sentence_too(name: str, old: bytes, new: bytes) -> None:
    whole = data(name)
    assert old in whole
    with pytest.raises(Unusable, match=r"damaged|cannot be read"):
        reading.read(whole.replace(old, new, 1))


def test_a_year_that_no_date_has_is_a_fault_of_its_line() -> None:
    found = reading.read(b"Date;Amount;Text\n99999999999-01-01;1,00;a\n2026-11-03;2,00;b\n", currency="EUR")
    assert [fault.line for fault in found.faults] == [2]


def test_what_a_payer_wrote_never_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unusable):
        reading.read(data("mt940_german.sta").replace(b":61:2611031103CR", b":61:26x1031103CR"))
    assert caplog.text == ""
