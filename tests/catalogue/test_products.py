"""Products and the words for them."""

from __future__ import annotations

import pytest

from checkout_desk.catalogue import aliasing, entries, products
from checkout_desk.catalogue.models import Product, ProductAlias
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from tests.builders import Shop
from tests.catalogue.making import product


def teach(one: Product, text: str, **how: object) -> ProductAlias | None:
    given: dict[str, object] = {"language": None, "by_id": None, "how": "typed", "firmly": True} | how
    return aliasing.teach(one, text, **given)  # type: ignore[arg-type]


def test_a_change_records_what_was_before(shop: Shop) -> None:
    with shop.writing():
        one = product(shelf="A-12")
        assert products.change(
            one, name="Mug, sea blue", shelf="A-12", family="Mugs", attributes={"colour": "blue"}
        )
        assert not products.change(one, name="Mug, sea blue")
    found = [e for e in shop.all(Event) if e.kind == "product.changed"]
    assert len(found) == 1
    assert found[0].before["name"] == "Mug, cobalt blue"
    assert set(found[0].after) == {"name", "family", "attributes"}


@pytest.mark.parametrize("sku", ["MUG-BLU", "mug-blu", "ＭＵＧ-blu"])
def test_a_sku_and_a_barcode_belong_to_one_product(shop: Shop, sku: str) -> None:
    with shop.writing():
        product(barcode="5012345678900")
        with pytest.raises(Refused, match="belongs to Mug, cobalt blue"):
            product(sku, "Another mug")
        with pytest.raises(Refused, match="The barcode “5012345678900” belongs to Mug"):
            product("MUG-2", "Another mug", barcode="5012345678900")
    assert len(shop.all(Product)) == 1


@pytest.mark.parametrize("name", ["1984", "7", "№ 12", "100 g", "3.5", "12 jars"])
def test_a_name_that_is_only_a_number_is_refused(shop: Shop, name: str) -> None:
    with shop.writing(), pytest.raises(Refused, match="only a number"):
        product("N-1", name)
    assert shop.all(Product) == []


def test_a_sku_that_is_only_digits_is_kept_and_never_read_as_a_product(shop: Shop) -> None:
    with shop.writing():
        one = product("1042", "Notebook 1984")
        prepared = entries.index()
        assert prepared.ids == {"1042": one.id}
        assert products.by_sku("1042") is one


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("mug-b", ["MUG-BLU"]),
        ("blue", ["MUG-BLU"]),
        ("mugs", ["MUG-BLU", "MUG-WHT"]),
        ("azul", ["MUG-BLU"]),
        ("taza", ["MUG-BLU"]),
        ("5012345678900", ["MUG-WHT"]),
        ("mug white", ["MUG-WHT"]),
        ("mug-wht", ["MUG-WHT"]),
        ("100%", []),
        ("_", []),
        ("kettle", []),
    ],
)
def test_the_picker_finds_by_whatever_is_typed(shop: Shop, typed: str, found: list[str]) -> None:
    with shop.writing():
        one = product()
        product("MUG-WHT", "Mug, white", barcode="5012345678900")
        product("MUG-OLD", "Mug, brown", active=False)
        teach(one, "taza azul", language="es")
    with shop.app.app_context():
        assert [p.sku for p in products.find(typed)] == found


def test_words_for_one_product_cannot_mean_another(shop: Shop) -> None:
    with shop.writing():
        blue, white = product(), product("MUG-WHT", "Mug, white")
        assert teach(blue, "Sea mug") is not None
        for words in ("sea mug", "SEA MUGS", "the sea mug", "Séa  mug"):
            with pytest.raises(Refused, match="already means Mug, cobalt blue"):
                teach(white, words)
        with pytest.raises(Refused, match=r"already means Mug, cobalt blue \(MUG-BLU\)"):
            teach(white, "mugs, cobalt blue")
        with pytest.raises(Refused, match="already means"):
            teach(white, "mug-blu")
    assert [a.text for a in shop.all(ProductAlias)] == ["Sea mug"]


@pytest.mark.parametrize(
    ("words", "why"),
    [("12", "only a number"), ("x", "too short"), ("the", "too short"), ("a" * 201, "too long")],
)
def test_words_that_say_nothing_are_refused(shop: Shop, words: str, why: str) -> None:
    with shop.writing(), pytest.raises(Refused, match=why):
        teach(product(), words)
    assert shop.all(ProductAlias) == []


def test_there_is_nothing_to_teach_in_what_is_known(shop: Shop) -> None:
    with shop.writing():
        one = product()
        assert teach(one, "mugs, cobalt blue") is None
        assert teach(one, "MUG-BLU") is None
        assert teach(one, "sea mug") is not None
        assert teach(one, "Sea mugs") is None


def test_choosing_once_does_not_teach_words_that_fit_others(shop: Shop) -> None:
    with shop.writing():
        small, large = product("TP-06", "Teapot, 0.6 l"), product("TP-12", "Teapot, 1.2 l")
        assert teach(small, "a teapot", how="order 1042", firmly=False) is None
        assert teach(small, "2 x small teapot", how="order 1042", firmly=False) is not None
        assert teach(large, "small pot of tea, 1 piece", how="order 1043", firmly=False) is not None
    assert [a.text for a in shop.all(ProductAlias)] == ["small teapot", "small pot of tea"]


def test_a_lesson_taken_back_is_free_for_another_and_stays_on_record(shop: Shop) -> None:
    manager = shop.person("manager")
    with shop.writing():
        blue, white = product(), product("MUG-WHT", "Mug, white")
        lesson = teach(blue, "plain mug", by_id=manager)
        assert lesson is not None
        aliasing.untaught(lesson, by_id=manager)
        aliasing.untaught(lesson, by_id=None)
        assert teach(white, "plain mug") is not None
        assert [a.text for a in aliasing.of([blue.id, white.id])[white.id]] == ["plain mug"]
        ids = blue.id, white.id
    kept = shop.all(ProductAlias)
    assert [(a.product_id, a.undone_at is None) for a in kept] == [(ids[0], False), (ids[1], True)]
    assert [e.kind for e in shop.all(Event) if e.kind.startswith("alias.")] == [
        "alias.taught",
        "alias.undone",
        "alias.taught",
    ]


def test_the_index_of_the_reading_follows_every_change(shop: Shop) -> None:
    with shop.app.app_context():
        assert entries.empty()
        assert len(entries.index().catalogue) == 0
    with shop.writing():
        one = product().id
    with shop.app.app_context():
        first = entries.index()
        assert entries.index() is first
        assert first.prices == {"MUG-BLU": (800, "GBP")}
        assert not entries.empty()
    with shop.writing():
        taught = teach(db.session.get_one(Product, one), "sea cup")
        assert taught is not None
        lesson = taught.id
    with shop.app.app_context():
        assert entries.index().catalogue.entries["MUG-BLU"].aliases == ("sea cup",)
    with shop.writing():
        aliasing.untaught(db.session.get_one(ProductAlias, lesson), by_id=None)
    with shop.app.app_context():
        assert entries.index().catalogue.entries["MUG-BLU"].aliases == ()
    with shop.writing():
        products.change(db.session.get_one(Product, one), active=False)
    with shop.app.app_context():
        assert len(entries.index().catalogue) == 0
        assert entries.empty()


def test_what_was_rolled_back_does_not_stay_in_the_index(shop: Shop) -> None:
    with shop.app.app_context():
        begin_write()
        product("MUG-GRN", "Mug, green")
        assert "MUG-GRN" in entries.index().ids
        db.session.rollback()
        begin_write()
        product("MUG-RED", "Mug, red")
        assert list(entries.index().ids) == ["MUG-RED"]
        db.session.rollback()
