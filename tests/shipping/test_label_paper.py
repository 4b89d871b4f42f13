"""Labels as printed: read back at the resolution of a label printer, in nine scripts, on every sheet."""

from __future__ import annotations

import re

import pytest
import zxingcpp

from checkout_desk import typesetting
from checkout_desk.shipping.paper import codes, labels, postal
from tests.shipping.addresses import LONG, SCRIPTS, SENDER, WIDEST, address, facts
from tests.shipping.picture import Picture, decoded

FORMS = {zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode}


def _printed(*wanted: dict[str, object], layout: str = "4x6", start: int = 1) -> list[Picture]:
    page = labels.page(wanted, layout=layout, start=start)
    pictures = typesetting.pictures(labels.SOURCE, page, dpi=labels.DPI)
    return [decoded(picture) for picture in pictures]


def _both(*names: str) -> list[tuple[str, str]]:
    return sorted((str(form), name) for form in FORMS for name in names)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_label_in_every_script_is_read_back_and_has_all_its_letters(script: str) -> None:
    one = facts(SCRIPTS[script])
    (picture,) = _printed(one)
    assert picture.size == (812, 1218)
    assert picture.codes() == _both("1042-P1")
    words = " ".join(line.text for block in labels.blocks(one) for line in block.lines)
    assert typesetting.undrawable(words) == []
    (without,) = _printed(facts({**SCRIPTS[script], "name": ""}))
    assert picture.other_rows(without), "the name is on it"


@pytest.mark.parametrize("layout", labels.LAYOUTS)
def test_every_sheet_holds_its_labels(layout: str) -> None:
    places = len(labels.LAYOUTS[layout].places)
    numbers = range(1042, 1042 + places)
    (full,) = _printed(*(facts(SCRIPTS["latin"], number) for number in numbers), layout=layout)
    assert full.size == labels.LAYOUTS[layout].page
    assert full.codes() == _both(*(f"{number}-P1" for number in numbers))


def test_a_sheet_that_lacks_labels_begins_where_it_is_told() -> None:
    first, second = _printed(*(facts(SCRIPTS["latin"], n) for n in (1042, 1043)), layout="a4-4", start=4)
    assert (first.codes(), second.codes()) == (_both("1042-P1"), _both("1043-P1"))
    assert first.part(0, 0, 1678, 1187).white(), "the upper half is left alone"
    with pytest.raises(ValueError, match="has places 1 to 4, not 5"):
        labels.page([], layout="a4-4", start=5)


@pytest.mark.parametrize("where", [LONG, WIDEST], ids=["long", "widest"])
@pytest.mark.parametrize("layout", ["4x6", "a4-2"])
def test_what_is_long_gets_smaller_and_is_never_cut(layout: str, where: dict[str, str]) -> None:
    """Nothing is drawn in the margin or over the line below, and the last line of the address is there."""
    (long,) = _printed(facts(where, service="S" * 80), layout=layout)
    (other,) = _printed(facts({**where, "country": "AT"}, service="S" * 80), layout=layout)
    form = labels.LAYOUTS[layout]
    if form.turned:
        long, other = (one.part(0, 0, 1678, 1187).turned() for one in (long, other))
    width, height = form.size
    assert long.codes() == _both("1042-P1")
    assert long.part(width - labels.MARGIN + 1, 0, width, height).white()
    changed = long.other_rows(other)
    assert changed and changed[-1] < height * 0.7, "the country stands above the line"


def test_bars_are_whole_dots() -> None:
    """No grey dot inside the bars: a scanner reads what a printer of 203 dots an inch can print."""
    (picture,) = _printed(facts(SCRIPTS["latin"]))
    wide, bars = codes.code128("1042-P1")
    row = picture.rows[1050][labels.MARGIN : 540]
    assert set(row) == {0, 255}
    runs = [len(run) for run in re.findall("0+", "".join("0" if value == 0 else "1" for value in row))]
    assert runs == [4 * length for _, length in bars]
    assert wide == 101


def test_the_same_labels_are_the_same_bytes() -> None:
    every = [facts(one, 1042 + n) for n, one in enumerate(SCRIPTS.values())]
    first = labels.pdf(every)
    labels.pdf([facts(LONG)])
    assert labels.pdf(every) == first
    assert labels.pdf(every, layout="a6") != first


def test_a_test_print_shows_its_edges() -> None:
    made = labels.test_print("a4-4", name="Fern & Kiln")
    assert made.startswith(b"%PDF") and made == labels.test_print("a4-4", name="Fern & Kiln")


@pytest.mark.parametrize(
    ("where", "lines"),
    [
        (address("Jane Fox", "5 Quay Lane", "Tynemouth", "NE30 1AA", "GB"),
         ["Jane Fox", "5 Quay Lane", "TYNEMOUTH", "NE30 1AA"]),
        (address("Ann", "1 Main St", "Springfield", "62701", "US", "Apt 2", "IL"),
         ["Ann", "1 Main St", "Apt 2", "SPRINGFIELD, IL 62701", "UNITED STATES"]),
        (address("Bo", "Gata 1", "Kiruna", "SE-981 30", "SE"), ["Bo", "Gata 1", "SE-981 30 KIRUNA", "SWEDEN"]),
        (address("Ayşe", "Cadde 3", "Izmir", "35000", "TR"), ["Ayşe", "Cadde 3", "35000 IZMİR", "TÜRKIYE"]),
        (SCRIPTS["greek"], ["Ελένη Παπαδοπούλου", "Οδός Ερμού 45", "105 63 ΑΘΗΝΑ", "GREECE"]),
        (SCRIPTS["japanese"],
         ["〒100-0001", "東京都千代田区", "千代田1-1-1", "コーポ桜 203号室", "渡辺 𠮷野", "JAPAN"]),
        (address("Naomi", "1-1 Chiyoda", "Chiyoda-ku", "100-0001", "JP", "", "Tokyo"),
         ["Naomi", "1-1 Chiyoda", "Chiyoda-ku, TOKYO 100-0001", "JAPAN"]),
        (address("Ali", "Villa 3", "Jumeirah", "12345", "AE", "", "Dubai"),
         ["Ali", "Villa 3", "JUMEIRAH", "12345", "Dubai", "UNITED ARAB EMIRATES"]),
        (address("Ann", "1 Way", "Town", "9", "ZZ"), ["Ann", "1 Way", "Town 9", "UNKNOWN REGION"]),
    ],
    ids=lambda value: value["country"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_an_address_is_written_as_its_country_does(where: dict[str, str], lines: list[str]) -> None:
    assert [line.text for line in postal.recipient(where, home="GB", language="en").lines] == lines


def test_the_country_is_named_in_the_senders_language_and_only_abroad() -> None:
    def last(language: str, home: str) -> str:
        return postal.recipient(SCRIPTS["latin"], home=home, language=language).lines[-1].text

    assert (last("fr", "FR"), last("ja", "JP"), last("de", "DE")) == (
        "ALLEMAGNE",
        "GERMANY",
        "40213 DÜSSELDORF",
    )
    ours = postal.sender(SENDER["name"], SENDER["lines"], country="GB", abroad=True, language="en")  # type: ignore[arg-type]
    assert [line.text for line in ours.lines] == [
        "Fern & Kiln",
        "14 Potter’s Row",
        "Bristol BS1 4ND",
        "UNITED KINGDOM",
    ]


def test_arabic_and_hebrew_stand_at_the_right() -> None:
    sides = {name: postal.recipient(one, home="GB", language="en").rtl for name, one in SCRIPTS.items()}
    assert {name for name, rtl in sides.items() if rtl} == {"arabic", "hebrew"}


def test_a_wish_for_the_driver_stands_below_the_address_and_covers_nothing() -> None:
    plain = facts(LONG)
    wished = {**plain, "parcel": {**plain["parcel"], "wish": "Leave it with the neighbour, no. 16"}}
    (without,), (noted,) = _printed(plain), _printed(wished)
    assert noted.codes() == without.codes()
    assert noted.other_rows(without), "the note is on it"
    assert labels.pdf([plain]) == labels.pdf([{**plain, "parcel": {**plain["parcel"], "wish": ""}}])
