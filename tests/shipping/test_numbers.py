"""Whose tracking number: samples that carriers and standards publish, slips of hand and eye, and what is no number."""

from __future__ import annotations

import pytest

from checkout_desk.shipping.numbers import CARRIERS, FORMATS, key, link, recognise
from checkout_desk.shipping.tracking_pages import PAGES


@pytest.mark.parametrize(
    ("text", "carrier", "check", "number"),
    [
        ("1Z5R89390357567127", "ups", "ok", ""),
        ("1Z8V92A70367203024", "ups", "ok", ""),
        ("1z 999 aa1 01 2345 6784", "ups", "ok", "1Z999AA10123456784"),
        ("986578788855", "fedex", "ok", ""),
        ("5682 8361 0012 734", "fedex", "ok", "568283610012734"),
        ("61299998820821171811", "fedex", "ok", ""),
        ("9611020987654312345672", "fedex", "ok", ""),
        ("1001921334250001000300779017972697", "fedex", "ok", "779017972697"),
        ("9632001560123456789900794808390594", "fedex", "ok", "794808390594"),
        ("0307 1790 0005 2348 3741", "usps", "ok", "03071790000523483741"),
        ("9400 1112 0108 0805 4830 16", "usps", "ok", "9400111201080805483016"),
        ("420 22153 9101026837331000039521", "usps", "ok", "9101026837331000039521"),
        ("4201028200009261290113185417468510", "usps", "ok", "9261290113185417468510"),
        ("92748931507708513018050063", "usps", "ok", ""),
        ("3318810025", "dhl", "ok", ""),
        ("00340433836442636597", "dhl", "ok", ""),
        ("(00)340433836442636597", "dhl", "ok", "00340433836442636597"),
        ("201298452277", "dhl", "ok", ""),
        ("21.802 580.906 6", "dhl", "ok", "218025809066"),
        ("JJD1410302937991", "dhl", "none", ""),
        ("JVGL0999999990", "dhl", "none", ""),
        ("GM295117494011169042", "dhl", "none", ""),
        ("01015026003653C", "dpd", "ok", "01015026003653"),
        ("00 81827 0998 0000 0200 45 327 276 N", "dpd", "ok", "09980000020045"),
        ("01015026003653", "dpd", "none", ""),
        ("09133131530724", "hermes", "ok", ""),
        ("XHAX4HDA", "gls", "none", ""),
        ("AB 1234 5678 5GB", "royal_mail", "ok", "AB123456785GB"),
        ("]C1AB123456785GB", "royal_mail", "ok", "AB123456785GB"),
        ("0B0480284000010371BFA", "royal_mail", "none", ""),
        ("EB000717618HK", "post", "ok", ""),
        ("RR473124829DE", "dhl", "ok", ""),
        ("H00HUA0123456789", "evri", "none", ""),
        ("JD0002242617644732", "yodel", "none", ""),
        ("6A12345678901", "colissimo", "none", ""),
        ("3SABCD012345678", "postnl", "none", ""),
        ("0073938000549297", "canada_post", "ok", ""),
        ("99.34.137967.00168509", "swiss_post", "none", "993413796700168509"),
        ("１Ｚ５Ｒ８９３９０３５７５６７１２７", "ups", "ok", "1Z5R89390357567127"),
    ],
)  # fmt: skip
def test_published_numbers_are_recognised(text: str, carrier: str, check: str, number: str) -> None:
    first = recognise(text)[0]
    assert (first.carrier, first.check, first.number) == (carrier, check, number or text)
    assert first.likely is None


def test_gls_counts_one_more_than_the_usual_sum() -> None:
    """GLS adds one before it takes the difference: the number that GS1's rule makes is wrong."""
    by_carrier = {one.carrier: one.check for one in recognise("123456789011", own=["gls"])}
    assert by_carrier["gls"] == "ok"
    assert {one.carrier: one.check for one in recognise("123456789012", own=["gls"])}["gls"] == "wrong"


def test_japanese_slips_are_modulo_seven() -> None:
    found = {one.carrier: one.check for one in recognise("1234-5678-9013")}
    assert found["yamato"] == found["sagawa"] == found["japan_post"] == "ok"


@pytest.mark.parametrize("text", ["", "1042", "1042-P1", "#1042", "hello", "—", "ü" * 12, "1" * 41, "12345"])
def test_what_is_no_number_of_anybody(text: str) -> None:
    assert recognise(text) == []


def test_twelve_digits_that_check_nowhere_are_nobodys() -> None:
    """An order number of twelve digits has the length of a FedEx number; its check digit says that it is none."""
    assert {one.check for one in recognise("100000001042")} == {"wrong"}


def test_twelve_digits_may_be_several_carriers_and_the_shops_own_comes_first() -> None:
    found = [one.carrier for one in recognise("201298452277") if one.check == "ok"]
    assert len(found) > 1
    assert recognise("201298452277", own=["gls"])[0].carrier == "gls"


def test_a_number_of_another_carrier_that_checks_comes_before_an_own_one_that_does_not() -> None:
    found = recognise("986578788855", own=["gls"])
    assert (found[0].carrier, found[0].check) == ("fedex", "ok")
    assert "wrong" in {one.check for one in found if one.carrier == "gls"}


def test_a_letter_for_a_digit_is_named() -> None:
    assert recognise("1Z999AA1O123456784")[0].likely == "1Z999AA10123456784"
    assert recognise("RR47312482 9D3")[0].likely == "RR473124829DE"
    assert recognise("AB1234S6785GB")[0].likely == "AB123456785GB"


def test_a_swapped_pair_is_named() -> None:
    found = recognise("1Z5R89390375567127")[0]
    assert (found.check, found.likely) == ("wrong", "1Z5R89390357567127")
    assert recognise("RR473124289DE")[0].likely == "RR473124829DE"


def test_where_several_numbers_could_be_meant_none_is_named() -> None:
    found = recognise("1Z999AA10123465784")[0]
    assert (found.check, found.likely) == ("wrong", None)


def test_what_is_named_checks_itself_and_differs() -> None:
    for text in ("1Z5R89390375567127", "RR473124289DE", "AB1234S6785GB", "986578788585"):
        for one in recognise(text):
            if one.likely:
                assert one.likely != one.number
                assert any(
                    again.check == "ok" for again in recognise(one.likely) if again.carrier == one.carrier
                )


def test_the_kind_of_a_postal_number_is_told() -> None:
    assert recognise("RB123456785GB")[0].word == "registered"
    assert [one.carrier for one in recognise("RB123456785GB")] == ["royal_mail", "parcelforce"]
    assert recognise("RB123456785GB", own=["parcelforce"])[0].carrier == "parcelforce"


def test_key_is_what_people_and_scanners_write_in_common() -> None:
    assert key(" ]C1ab-1234.5678 5gb\r\n") == "AB123456785GB"


def test_every_carrier_that_is_recognised_has_a_name_and_every_page_a_carrier() -> None:
    assert {form.carrier for form in FORMATS} <= CARRIERS.keys()
    assert PAGES.keys() <= CARRIERS.keys()
    assert all(page.address.startswith("https://") and "{number}" in page.address for page in PAGES.values())


@pytest.mark.parametrize(
    ("carrier", "language", "country", "address"),
    [
        ("ups", "de", "DE", "https://www.ups.com/track?loc=de_DE&tracknum=X1"),
        ("ups", "sv", "SE", "https://www.ups.com/track?loc=en_SE&tracknum=X1"),
        ("dhl", "de", "DE", "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=X1"),
        ("dhl", "fr", "FR", "https://www.dhl.com/fr-fr/home/tracking.html?tracking-id=X1"),
        ("dhl", "ja", "JP", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=X1"),
        ("dpd", "en", "GB", "https://track.dpd.co.uk/parcels/X1"),
        ("royal_mail", "en", "GB", "https://www.royalmail.com/track-your-item#/tracking-results/X1"),
        ("canada_post", "fr", "CA", "https://www.canadapost-postescanada.ca/track-reperage/fr#/search?searchFor=X1"),
        ("japan_post", "ja", "JP", "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1=X1&locale=ja"),
        ("post", "en", "HK", ""),
        ("nobody", "en", "GB", ""),
    ],
)  # fmt: skip
def test_the_link_speaks_the_customers_language(
    carrier: str, language: str, country: str, address: str
) -> None:
    assert link(carrier, "X1", language=language, country=country) == address


def test_a_number_cannot_leave_its_place_in_the_link() -> None:
    assert link("ups", "1&x=<a>/..", language="en", country="US").endswith("tracknum=1%26x%3D%3Ca%3E%2F..")
