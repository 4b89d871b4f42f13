"""What customs want to know of a product, as people type it."""

from __future__ import annotations

import pytest

from checkout_desk.catalogue import csvfiles, values
from checkout_desk.catalogue.forms import ProductForm, empty


@pytest.mark.parametrize(
    ("typed", "kept"), [("6912.00", "691200"), (" 6912 00 23 10 ", "6912002310"), ("", "")]
)
def test_an_hs_code_is_digits_alone(typed: str, kept: str) -> None:
    assert values.hs_code(typed) == kept


@pytest.mark.parametrize("typed", ["69120", "6912.00.23.10.12.1", "mugs", "٦٩١٢٠٠"])
def test_what_is_no_hs_code_is_named(typed: str) -> None:
    with pytest.raises(ValueError, match="HS code cannot be"):
        values.hs_code(typed)


def test_an_origin_is_a_country_by_name_or_letters() -> None:
    assert [values.origin(text) for text in ("Portugal", "pt", "", "Deutschland")] == ["PT", "PT", "", "DE"]
    with pytest.raises(ValueError, match="Country of origin cannot be “Atlantis”"):
        values.origin("Atlantis")


def test_the_form_takes_them_and_the_export_ends_with_them() -> None:
    typed = empty("GBP") | {
        "sku": "MUG",
        "name": "Mug",
        "price": "16",
        "hs_code": "6912.00",
        "origin": "Portugal",
        "fragile": "1",
    }
    form = ProductForm(typed)
    assert form.errors == {}
    assert [form.fields[name] for name in ("hs_code", "origin", "fragile")] == ["691200", "PT", True]
    assert csvfiles.MORE[-3:] == ("fragile", "hs_code", "origin")
