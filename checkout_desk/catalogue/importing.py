"""Importing a catalogue file: first a plan that says what would happen and what is wrong with which line, then all of it.

An empty cell changes nothing; aliases are added, never taken away; another number in `stock` is a count. Nothing here
commits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.catalogue import aliasing, csvfiles, products, stock, values
from checkout_desk.catalogue.models import Product, ProductAlias, ProductFamily
from checkout_desk.catalogue.phrasing import key_of, search_key
from checkout_desk.events.recording import record
from checkout_desk.extensions import db

_READERS: dict[str, Callable[[str], Any]] = {
    "name": values.name,
    "weight_grams": values.weight,
    "shelf": lambda text: values.line(text, "Shelf", 40),
    "barcode": values.barcode,
    "tax_class": values.tax_class,
    "family": lambda text: values.line(text, "Family", 200),
    "attributes": values.attributes,
    "active": lambda text: values.yes_no(text, "Active"),
    "low_at": lambda text: values.pieces(text, "Low at"),
    "restock_on": lambda text: values.day(text, "Restock on"),
    "restock_quantity": lambda text: values.pieces(text, "Restock quantity"),
    "final_sale": lambda text: values.yes_no(text, "Final sale"),
    "fragile": lambda text: values.yes_no(text, "Fragile"),
    "hs_code": values.hs_code,
    "origin": values.origin,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell of one line, and what would be accepted."""

    line: int
    field: str
    value: str
    words: str


@dataclass(slots=True)
class Planned:
    """One good line: what it makes or changes."""

    line: int
    sku: str
    product: Product | None
    fields: dict[str, Any]
    counted: int | None = None
    aliases: list[tuple[str, str, str | None]] = field(default_factory=list)
    """(key, text, language) of those that are new"""
    words: str = ""
    """what happens, for a person"""


@dataclass(slots=True)
class Plan:
    """What an import would do."""

    rows: list[Planned]
    faults: list[Fault]
    unknown: tuple[str, ...]
    same: int = 0
    """good lines that change nothing"""

    @property
    def bad_lines(self) -> int:
        """How many lines would be left out."""
        return len({fault.line for fault in self.faults})

    @property
    def new(self) -> int:
        """How many products would be made."""
        return sum(row.product is None for row in self.rows)

    @property
    def changed(self) -> int:
        """How many products would change."""
        return len(self.rows) - self.new


def plan(data: bytes, *, currency: str) -> Plan:
    """What importing `data` would do now; changes nothing. `currency` is for new products whose line names none.

    Raises csvfiles.Unusable for a file that is no catalogue.
    """
    table = csvfiles.read(data)
    return _Planner(table, currency).plan()


class _Wrong(Exception):
    def __init__(self, column: str, value: str, words: str) -> None:
        super().__init__(words)
        self.column, self.value, self.words = column, value, words


class _Planner:
    def __init__(self, table: csvfiles.Table, currency: str) -> None:
        self.table, self.currency = table, currency
        everything = list(db.session.scalars(select(Product)))
        self.products = {p.sku_key: p for p in everything}
        self.barcodes: dict[str, tuple[str, str]] = {
            p.barcode: (p.sku_key, f"{p.name} ({p.sku})") for p in everything if p.barcode
        }
        shown = {p.id: (p.sku_key, f"{p.name} ({p.sku})") for p in everything}
        self.called = {key: shown[product_id] for key, product_id in aliasing.meanings().items()}
        self.named = {p.phrase_key: shown[p.id] for p in reversed(everything) if p.active and p.phrase_key}
        self.families = {
            row.id: row.key for row in db.session.execute(select(ProductFamily.id, ProductFamily.key))
        }
        self.lines: dict[str, int] = {}

    def plan(self) -> Plan:
        """Every line in order; what one line claims is taken for the next."""
        found = Plan([], [], self.table.unknown)
        for row in self.table.rows:
            if row.fault:
                found.faults.append(Fault(row.line, "", "", row.fault))
                continue
            faults: list[_Wrong] = []
            planned = self._row(row, faults)
            if faults or planned is None:
                found.faults += [
                    Fault(row.line, wrong.column, wrong.value[:80], wrong.words) for wrong in faults
                ]
            elif planned.product is None or planned.words:
                found.rows.append(planned)
            else:
                found.same += 1
        return found

    def _row(self, row: csvfiles.Row, faults: list[_Wrong]) -> Planned | None:
        def read(column: str, reader: Callable[[str], Any]) -> Any:
            text = row.cells.get(column, "")
            try:
                return reader(text)
            except ValueError as reason:
                faults.append(_Wrong(column, text, str(reason)))
                return None

        sku = read("sku", values.sku)
        if sku is None:
            return None
        key = products.sku_key(sku)
        if key in self.lines:
            faults.append(
                _Wrong(
                    "sku",
                    sku,
                    f"SKU “{sku}” stands on line {self.lines[key]} already; keep one line a product.",
                )
            )
            return None
        self.lines[key] = row.line
        product = self.products.get(key)
        fields: dict[str, Any] = {"sku": product.sku if product else sku}
        for column, reader in _READERS.items():
            if row.cells.get(column) or (column == "name" and product is None):
                fields[column] = read(column, reader)
        self._price(row, product, fields, read)
        counted = read("stock", lambda text: values.pieces(text, "Stock"))
        planned = Planned(row.line, fields["sku"], product, fields, counted)
        if not faults:
            self._claim(planned, row, faults)
        if not faults:
            self._words(planned)
        return planned

    def _price(
        self, row: csvfiles.Row, product: Product | None, fields: dict[str, Any], read: Callable[..., Any]
    ) -> None:
        known = product.currency if product else self.currency
        code = row.cells.get("currency") or known
        if code != known or not code:
            code = read("currency", values.currency)
        if code is None:
            return
        if row.cells.get("price") or product is None or code != product.currency:
            fields["price_minor"] = read("price", lambda text: values.price(text, code))
            fields["currency"] = code

    def _claim(self, planned: Planned, row: csvfiles.Row, faults: list[_Wrong]) -> None:
        """What may belong to one product only: barcode and the words for it."""
        key = products.sku_key(planned.sku)
        shown = f"{planned.fields.get('name') or (planned.product.name if planned.product else '')} ({planned.sku})"
        code = planned.fields.get("barcode")
        owner = self.barcodes.get(code) if code else None
        if code and owner and owner[0] != key:
            faults.append(
                _Wrong("barcode", code, f"Barcode “{code}” belongs to {owner[1]}; give each product its own.")
            )
        name = planned.fields.get("name")
        called = self.called.get(key_of(name)) if name else None
        if called and called[0] != key:
            words = f"“{name}” is an alias of {called[1]} already; undo it there first, or use another name."
            faults.append(_Wrong("name", name or "", words))
        try:
            aliases = self._aliases(planned, row)
        except _Wrong as wrong:
            faults.append(wrong)
        if faults:
            return
        planned.aliases = aliases
        if code:
            self.barcodes[code] = (key, shown)
        self.called |= dict.fromkeys((one[0] for one in aliases), (key, shown))
        if planned.product is None and planned.fields.get("active", True):
            self.named.setdefault(key_of(planned.fields["name"]), (key, shown))

    def _aliases(self, planned: Planned, row: csvfiles.Row) -> list[tuple[str, str, str | None]]:
        texts = [" ".join(part.split()) for part in row.cells.get("aliases", "").split(";")]
        texts = [part for part in texts if part]
        codes = [part.strip() for part in row.cells.get("alias_languages", "").split(";")]
        if any(codes) and len(codes) != len(texts):
            said = row.cells["alias_languages"]
            raise _Wrong(
                "alias_languages",
                said,
                f"There are {len(codes)} languages for {len(texts)} aliases; give one each, in order.",
            )
        if len(texts) > aliasing.MOST:
            raise _Wrong("aliases", texts[0], f"There are {len(texts)} aliases; use at most {aliasing.MOST}.")
        own, name = (
            products.sku_key(planned.sku),
            planned.fields.get("name") or (planned.product and planned.product.name),
        )
        new: dict[str, tuple[str, str, str | None]] = {}
        for i, text in enumerate(texts):
            reason = aliasing.unusable(text)
            if reason:
                raise _Wrong("aliases", text, reason)
            try:
                language = values.language(codes[i]) if any(codes) else None
            except ValueError as wrong:
                raise _Wrong("alias_languages", codes[i], str(wrong)) from None
            key = key_of(text)
            meant = self.called.get(key) or self.named.get(key)
            if meant and meant[0] != own:
                raise _Wrong(
                    "aliases", text, f"“{text[:80]}” means {meant[1]} already; an alias names one product."
                )
            if not self.called.get(key) and key != key_of(name or "") and search_key(text) != own:
                new.setdefault(key, (key, text, language))
        return list(new.values())

    def _words(self, planned: Planned) -> None:
        """What would be different, in the words of the columns; '' for a line that changes nothing."""
        product = planned.product
        if product is None:
            return
        different = []
        for name, value in list(planned.fields.items()):
            old = (
                getattr(product, name) if name != "family" else self.families.get(product.family_id or 0, "")
            )
            if old == (search_key(value) if name == "family" else value):
                del planned.fields[name]
            else:
                different.append({"price_minor": "price"}.get(name, name.replace("_", " ")))
        if planned.counted == product.on_hand:
            planned.counted = None
        if planned.counted is not None:
            different.append(f"stock {product.on_hand} → {planned.counted}")
        if planned.aliases:
            n = len(planned.aliases)
            different.append(f"{n} new {'alias' if n == 1 else 'aliases'}")
        planned.words = ", ".join(different)


def carry_out(planned: Plan, *, by_id: int | None, how: str = "import") -> None:
    """Make and change everything that `planned` holds, all of it or, when the transaction is rolled back, nothing.

    The plan must have been made in this very transaction. Faulty lines are not in it.
    """
    families: dict[str, ProductFamily] = {}
    for row in planned.rows:
        named = row.fields.get("family")
        if named and search_key(named) not in families:
            found = products.family(named)
            assert found is not None
            families[search_key(named)] = found
    made = [_made(row, families) for row in planned.rows]
    db.session.flush()
    for row, product in made:
        if row.product is None:
            products.record_created(product)
        _teach(product, row.aliases, by_id=by_id, how=how)
    db.session.flush()
    counted = {product.id: row.counted for row, product in made if row.counted is not None}
    moved = stock.count_many(counted, reason="Import of a catalogue file") if counted else 0
    record(
        "catalogue.imported",
        about=("catalogue", 1),
        after={
            "new": planned.new,
            "changed": planned.changed,
            "counted": moved,
            "left_out": planned.bad_lines,
        },
    )


def _made(row: Planned, families: Mapping[str, ProductFamily]) -> tuple[Planned, Product]:
    fields = dict(row.fields)
    if fields.get("family"):
        fields["family"] = families[search_key(fields["family"])]
    if row.product is None:
        product = products.fresh(fields)
        db.session.add(product)
        return row, product
    products.alter(row.product, fields)
    return row, row.product


def _teach(
    product: Product, aliases: list[tuple[str, str, str | None]], *, by_id: int | None, how: str
) -> None:
    now = clock.now()
    for key, text, language in aliases:
        db.session.add(
            ProductAlias(
                product_id=product.id, text=text, text_key=search_key(text), key=key, language=language,
                taught_by_id=by_id, taught_at=now, taught_how=how,
            )
        )  # fmt: skip
    if aliases:
        record("alias.taught", about=product, after={"aliases": len(aliases), "how": how})
