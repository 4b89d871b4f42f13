"""What the demo store sells: pottery and tea, with what is on the shelves and by which words its customers call it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import aliasing, products, stock
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db

DAYS = 28
"""how long ago the shelves were filled"""


@dataclass(frozen=True)
class Good:
    """One product. `aliases` are 'language:words'; `restock` is (days from now, pieces)."""

    sku: str
    name: str
    price: int
    on_hand: int
    shelf: str
    grams: int
    family: str = ""
    attributes: str = ""
    aliases: tuple[str, ...] = ()
    low_at: int | None = None
    restock: tuple[int, int] | None = None
    active: bool = True


GOODS: tuple[Good, ...] = (
    Good("MUG-BLU", "Mug, cobalt blue", 800, 21, "A-12", 340, "Mugs", "colour=blue",
         ("en:blue mug", "en:cobalt mug", "es:taza azul", "de:blaue Tasse", "fr:tasse bleue", "ja:青いマグカップ", "it:tazza blu"), 6),
    Good("MUG-WHT", "Mug, white", 800, 31, "A-13", 340, "Mugs", "colour=white", ("de:weiße Tasse", "ja:白いマグカップ", "es:taza blanca"), 6),
    Good("MUG-GRN", "Mug, moss green", 850, 14, "A-14", 340, "Mugs", "colour=green", ("de:grüne Tasse", "fr:tasse verte"), 6),
    Good("MUG-BLK", "Mug, tenmoku black", 850, 3, "A-15", 350, "Mugs", "colour=black", ("en:tenmoku mug", "de:schwarze Tasse"), 4, (6, 24)),
    Good("MUG-25", "Mug, anniversary 2025", 950, 2, "A-16", 340, "Mugs", "colour=gold", active=False),
    Good("CUP-S", "Cup, small, white", 500, 64, "A-20", 160, "", "", ("en:small white cup", "en:espresso cup", "de:kleine Tasse", "it:tazzina"), 12),
    Good("CUP-CEL", "Cup, small, celadon", 600, 28, "A-21", 165, "", "", ("en:small celadon cup",), 8),
    Good("BWL-CEL-S", "Bowl, celadon, small", 1800, 12, "A-31", 310, "Celadon bowls", "size=S", ("en:small celadon bowl", "de:kleine Seladonschale"), 4),
    Good("BWL-CEL-M", "Bowl, celadon, medium", 2600, 7, "A-32", 520, "Celadon bowls", "size=M", ("en:medium celadon bowl",), 4),
    Good("BWL-CEL-L", "Bowl, celadon, large", 3400, 3, "A-33", 940, "Celadon bowls", "size=L",
         ("en:large celadon bowl", "en:celadon serving bowl", "de:große Seladonschale"), 2),
    Good("BWL-SOUP", "Soup bowl, white", 1200, 26, "A-35", 420, "", "", ("de:Suppenschale", "fr:bol à soupe"), 8),
    Good("PLT-27", "Dinner plate, white", 1400, 40, "A-41", 610, "Plates", "size=27 cm", ("de:Essteller", "fr:assiette plate"), 12),
    Good("PLT-21", "Side plate, white", 1000, 38, "A-42", 390, "Plates", "size=21 cm", ("de:Dessertteller",), 12),
    Good("TP-06", "Teapot, stoneware, 0.6 l", 2200, 6, "C-03", 720, "Teapots", "material=stoneware; size=0.6 l",
         ("en:small teapot", "es:tetera pequeña", "de:kleine Teekanne", "fr:petite théière", "ja:小さい急須"), 3),
    Good("TP-12", "Teapot, stoneware, 1.2 l", 2800, 4, "C-04", 1180, "Teapots", "material=stoneware; size=1.2 l",
         ("en:large teapot", "es:tetera grande", "de:große Teekanne", "fr:grande théière"), 3),
    Good("TP-IRON", "Teapot, cast iron, 0.8 l", 4600, 2, "C-06", 1650, "Teapots", "material=iron; size=0.8 l",
         ("en:iron teapot", "de:gusseiserne Teekanne", "fr:théière en fonte", "ja:鉄瓶"), 2, (13, 6)),
    Good("LID-06", "Lid for the 0.6 l pot, white", 600, 9, "C-03", 110, "", "", ("en:spare lid", "de:Ersatzdeckel", "fr:couvercle de théière")),
    Good("STR-1", "Tea strainer, steel", 750, 17, "C-10", 45, "", "", ("de:Teesieb", "fr:passoire à thé", "es:colador de té"), 5),
    Good("TEA-SEN-50", "Sencha, 50 g", 380, 22, "B-06", 60, "Sencha", "size=50 g", (), 6),
    Good("TEA-SEN-100", "Sencha, 100 g", 650, 2, "B-07", 115, "Sencha", "size=100 g", ("en:bag of sencha", "de:Tüte Sencha", "ja:煎茶100g"), 4, (4, 12)),
    Good("TEA-SEN-250", "Sencha, 250 g", 1450, 8, "B-08", 270, "Sencha", "size=250 g", ("en:big sencha",), 3),
    Good("TEA-GEN-100", "Genmaicha, 100 g", 600, 15, "B-09", 115, "", "", ("ja:玄米茶", "en:brown rice tea"), 5),
    Good("TEA-HOJ-100", "Hojicha, 100 g", 620, 0, "B-10", 115, "", "", ("ja:ほうじ茶", "en:roasted green tea"), 5, (9, 20)),
    Good("TEA-EG-100", "Earl Grey, 100 g", 550, 19, "B-11", 115, "", "", ("en:bergamot tea",), 5),
    Good("JUG-03", "Milk jug, white, 0.3 l", 1100, 11, "A-50", 280, "", "", ("de:Milchkännchen", "fr:pot à lait"), 3),
    Good("VAS-TEN", "Vase, tenmoku", 3800, 5, "D-02", 1320, "", "", ("de:Vase Tenmoku",), 1),
    Good("WRAP", "Gift wrap", 250, 80, "D-20", 30, "", "", ("de:Geschenkverpackung", "fr:papier cadeau", "es:papel de regalo", "pl:pakowanie na prezent"), 10),
)  # fmt: skip

CUSTOMS = {
    "MUG": ("691200", "GB"), "CUP": ("691200", "GB"), "BWL": ("691200", "GB"), "PLT": ("691200", "GB"),
    "TP": ("691200", "GB"), "TP-IRON": ("732391", "JP"), "LID": ("691200", "GB"), "JUG": ("691200", "GB"),
    "VAS": ("691390", "GB"), "STR": ("732393", "DE"), "TEA": ("090210", "JP"), "TEA-EG-100": ("090230", "LK"),
}  # fmt: skip
"""SKU or its beginning -> heading of the Harmonized System and where it is made"""
FRAGILE = ("VAS-TEN", "TP-06", "TP-12", "BWL-CEL-L")


def build() -> None:
    """Fill the catalogue and the shelves of the demo store; commits. Tom receives, breaks one and counts one."""
    with clock.pretending(clock.now() - timedelta(days=DAYS)):
        manager, keeper = _id("ines"), _id("tom")
        begin_write()
        with acting_as(f"person:{manager}", "demo"):
            made = {good.sku: _make(good, manager) for good in GOODS}
        with acting_as(f"person:{keeper}", "demo"):
            for good in GOODS:
                if good.on_hand:
                    stock.receive(
                        made[good.sku],
                        good.on_hand,
                        reason="Kiln 41" if good.sku[:3] != "TEA" else "Autumn harvest",
                    )
            stock.scrap(made["BWL-CEL-M"], 1, reason="Cracked in the second firing")
            stock.take_back(made["TP-12"], 1, about=None, reason="Came back unopened")
        db.session.commit()
    with clock.pretending(clock.now() - timedelta(days=6)), acting_as(f"person:{keeper}", "demo"):
        begin_write()
        stock.count(made["MUG-GRN"], 13, reason="Stock count")
        stock.count(made["CUP-S"], 64, reason="Stock count")
        db.session.commit()


def _id(name: str) -> int:
    found: int = db.session.scalars(select(Person.id).where(Person.email.startswith(f"{name}@"))).one()
    db.session.rollback()
    return found


def _make(good: Good, manager: int) -> int:
    attributes = dict(pair.strip().split("=") for pair in good.attributes.split(";") if pair)
    heading, origin = CUSTOMS.get(good.sku) or CUSTOMS.get(good.sku.partition("-")[0]) or ("", "")
    product = products.create(
        sku=good.sku, name=good.name, price_minor=good.price, currency="GBP", weight_grams=good.grams, shelf=good.shelf,
        barcode=_barcode(good), family=good.family, attributes=attributes, active=good.active, low_at=good.low_at,
        # Tea is food, which is zero-rated in Great Britain (VATA 1994, schedule 8, group 1).
        tax_class="zero" if good.sku.startswith("TEA-") else "standard",
        fragile=good.sku in FRAGILE, hs_code=heading, origin=origin,
    )  # fmt: skip
    if good.restock:
        due = clock.now() + timedelta(days=DAYS + good.restock[0])
        products.change(product, restock_on=due.date(), restock_quantity=good.restock[1])
    for alias in good.aliases:
        language, _, words = alias.partition(":")
        aliasing.teach(product, words, language=language, by_id=manager, how="typed", firmly=True)
    return product.id


def _barcode(good: Good) -> str:
    """An EAN-13 of the range for use inside a store (it begins with 2)."""
    digits = f"20417{GOODS.index(good) + 1:07d}"
    check = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-check % 10}"
