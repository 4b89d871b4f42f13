"""Lists as people paste them and as carriers' programs export them."""

from __future__ import annotations

import pytest

from checkout_desk.shipping.number_lists import MOST_LINES, Line, Unusable, decode, read, reference


@pytest.mark.parametrize(
    ("text", "order", "number", "carrier"),
    [
        ("1042 1Z5R89390357567127", "1042", "1Z5R89390357567127", ""),
        ("1042\t1Z5R89390357567127", "1042", "1Z5R89390357567127", ""),
        ("#1042: AB 1234 5678 5GB", "#1042", "AB 1234 5678 5GB", ""),
        ("1042-P2; AB123456785GB ; Royal Mail", "1042-P2", "AB123456785GB", "Royal Mail"),
        ("1042 P2 AB123456785GB", "1042 P2", "AB123456785GB", ""),
        ("1042 AB123456785GB Royal Mail", "1042", "AB123456785GB", "Royal Mail"),
        ("1042 1Z5R89390357567127 ups", "1042", "1Z5R89390357567127", "UPS"),
        ("1042 - 1Z5R89390357567127", "1042", "1Z5R89390357567127", ""),
        ("1Z5R89390357567127, 1042", "1042", "1Z5R89390357567127", ""),
        ("1042,'00340433836442636597", "1042", "00340433836442636597", ""),
    ],
)
def test_a_pasted_line(text: str, order: str, number: str, carrier: str) -> None:
    assert read(text) == [Line(1, order, number, carrier)]


@pytest.mark.parametrize(
    "header",
    [
        "order,number",
        "Order number,Tracking number",
        "Bestellnummer,Sendungsnummer",
        "Commande,Numéro de suivi",
        "Pedido,Número de seguimiento",
        "Numero d'ordine,Tracciamento",
        "Encomenda,Código de rastreio",
        "Bestelling,Track and trace",
        "注文番号,追跡番号",
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_headers_in_the_languages_of_exports(header: str, delimiter: str) -> None:
    text = f"{header}\n1042,AB123456785GB\n".replace(",", delimiter)
    assert read(text) == [Line(2, "1042", "AB123456785GB")]


def test_columns_in_any_order_with_others_between() -> None:
    text = 'Name;Carrier;Tracking;Weight;Order\r\n"Fox; Ada";DPD;01015026003653;1,2;1042-P1\r\n'
    assert read("\ufeff" + text) == [Line(2, "1042-P1", "01015026003653", "DPD")]
    assert read("sep=;\n" + text)[0].carrier == "DPD"


def test_a_header_that_lacks_a_column_says_which() -> None:
    with pytest.raises(Unusable, match="but no order"):
        read("name,tracking\nFox,AB123456785GB")
    with pytest.raises(Unusable, match="but no tracking number"):
        read("order,weight\n1042,2")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1042", "names only one thing"),
        ("Fox AB123456785GB", "“Fox” is no order"),
        ("1042,1.23457E+11", "A spreadsheet has rounded the number"),
        ("1042,—", "is no tracking number"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(line: str, words: str) -> None:
    assert words in read(line)[0].fault


def test_blank_lines_are_left_out_and_line_numbers_stay() -> None:
    assert [one.line for one in read("\n1042 AB123456785GB\n\n1043 RB123456785GB\n")] == [2, 4]


def test_nothing_and_too_much() -> None:
    with pytest.raises(Unusable, match="is empty"):
        read(" \n\t\n")
    with pytest.raises(Unusable, match=f"at most {MOST_LINES}"):
        read("1042 AB123456785GB\n" * (MOST_LINES + 2))


def test_a_monstrous_line_is_a_fault_and_no_failure() -> None:
    (line,) = read("1042," + "1" * 200_000)
    assert line.fault
    assert len(line.order) <= 60 and len(line.number) <= 80
    assert read("1042 AB1234\x005678\x005GB")[0].number == "AB1234 5678 5GB"


def test_files_of_spreadsheets_are_text() -> None:
    assert decode("Numéro".encode("cp1252")) == "Numéro"
    assert decode("\ufeffNuméro".encode()) == "Numéro"
    assert decode("Numéro".encode("utf-16")) == "Numéro"
    with pytest.raises(Unusable, match="is no text"):
        decode(b"PK\x03\x04\x00\x00")
    with pytest.raises(Unusable, match="larger than"):
        decode(b"1" * 500_000)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1042", (1042, None)),
        ("# 1042", (1042, None)),
        ("Order 1042", (1042, None)),
        ("1042-P2", (1042, 2)),
        ("1042p2", (1042, 2)),
        ("００1042-P02", (1042, 2)),
        ("3318810025", None),
        ("AB123456785GB", None),
        ("", None),
    ],
)
def test_what_names_an_order_or_a_parcel(text: str, meant: tuple[int, int | None] | None) -> None:
    assert reference(text) == meant
