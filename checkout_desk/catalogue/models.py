"""Tables of products and of the stock ledger.

`Product.on_hand`, `held` and `committed` are the ledger's balances, changed in the same statement that checks them; the
ledger replayed gives the same figures (`stock.check`).
"""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import DDL, CheckConstraint, Date, ForeignKey, Index, Integer, String, event, false, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from checkout_desk.extensions import Key, Model

MOVEMENTS = ("receive", "count", "hold", "release", "commit", "ship", "return", "scrap")


class ProductFamily(Model):
    """Products that differ in attributes alone: one mug in three colours."""

    __tablename__ = "product_family"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    """the name casefolded: two families of one name would be one to every customer"""
    attributes: Mapped[list[Any]] = mapped_column(default=list)
    """names of what its variants differ in, in order: ['colour', 'size']"""


class Product(Model):
    """One thing that can be ordered."""

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("on_hand >= 0 AND held >= 0 AND committed >= 0", name="balances"),
        Index("ix_product_name", "name_key", "id"),
        Index("ix_product_phrase", "phrase_key"),
        Index("ix_product_family", "family_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sku: Mapped[str] = mapped_column(String(64))
    sku_key: Mapped[str] = mapped_column(String(64), unique=True)
    """casefolded"""
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    """casefolded and folded for sorting and search"""
    phrase_key: Mapped[str] = mapped_column(String(400), default="")
    """the name as the reading compares it (`phrasing.key_of`): 'teal mugs' and 'mug, teal' differ, 'teal mug' does not"""
    price_minor: Mapped[int] = mapped_column(Integer)
    """price of one in minor units of `currency`"""
    currency: Mapped[str] = mapped_column(String(3))
    tax_class: Mapped[str] = mapped_column(String(20), default="standard")
    weight_grams: Mapped[int | None] = mapped_column(Integer)
    shelf: Mapped[str] = mapped_column(String(40), default="")
    barcode: Mapped[str | None] = mapped_column(String(64), unique=True)
    family_id: Mapped[int | None] = mapped_column(Key, ForeignKey("product_family.id"))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """this variant's attributes: {'colour': 'blue'}"""
    fragile: Mapped[bool] = mapped_column(default=False, server_default=false())
    final_sale: Mapped[bool] = mapped_column(default=False, server_default=false())
    """it does not come back because somebody changed their mind"""
    hs_code: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """what customs call it (Harmonized System), digits only"""
    origin: Mapped[str] = mapped_column(String(2), default="", server_default="")
    """country where it was made (ISO 3166), for customs"""
    active: Mapped[bool] = mapped_column(default=True)
    picture_sha256: Mapped[str | None] = mapped_column(String(64))
    picture_type: Mapped[str | None] = mapped_column(String(40))
    on_hand: Mapped[int] = mapped_column(Integer, default=0)
    """pieces in the store, promised or not"""
    held: Mapped[int] = mapped_column(Integer, default=0)
    """promised to quotes that are not paid yet"""
    committed: Mapped[int] = mapped_column(Integer, default=0)
    """sold and not shipped yet"""
    low_at: Mapped[int | None] = mapped_column(Integer)
    """the low-stock view shows it from this number available on"""
    restock_on: Mapped[date | None] = mapped_column(Date)
    restock_quantity: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def available(self) -> int:
        """What can still be promised; below zero after a count found fewer than was promised."""
        return self.on_hand - self.held - self.committed


class ProductAlias(Model):
    """Words by which customers call a product."""

    __tablename__ = "product_alias"
    __table_args__ = (
        Index(
            "uq_product_alias_live",
            "key",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_product_alias_product", "product_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    product_id: Mapped[int] = mapped_column(Key, ForeignKey("product.id"))
    text: Mapped[str] = mapped_column(String(200))
    text_key: Mapped[str] = mapped_column(String(200), default="")
    """the text folded, for search"""
    key: Mapped[str] = mapped_column(String(400))
    """the text as the reading compares it (`phrasing.key_of`): among live aliases it names one product only"""
    language: Mapped[str | None] = mapped_column(String(2))
    taught_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    taught_at: Mapped[datetime]
    taught_how: Mapped[str] = mapped_column(String(120), default="")
    """'typed', 'import', or 'order 1042' when confirming a line taught it"""
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))


class StockMovement(Model):
    """One row of the append-only stock ledger: by how much it changed the three balances of a product."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint(f"kind IN {MOVEMENTS}", name="kind"),
        Index("ix_stock_movement_product", "product_id", "id"),
        Index("ix_stock_movement_about", "about", "id"),
        Index("ix_stock_movement_at", "at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    product_id: Mapped[int] = mapped_column(Key, ForeignKey("product.id"))
    kind: Mapped[str] = mapped_column(String(10))
    on_hand: Mapped[int] = mapped_column(Integer, default=0)
    held: Mapped[int] = mapped_column(Integer, default=0)
    committed: Mapped[int] = mapped_column(Integer, default=0)
    occasion: Mapped[str | None] = mapped_column(String(120), unique=True)
    """names why this movement exists; the same occasion moves stock once"""
    about: Mapped[str | None] = mapped_column(String(60))
    """what it belongs to, such as 'order:12' or 'quote:7'"""
    reason: Mapped[str] = mapped_column(String(200), default="")
    actor: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class CatalogueStamp(Model):
    """One row whose word is another one after each change of products or aliases: who keeps what they made of the
    catalogue asks for it. A word drawn by lot, not a number, so that what was rolled back cannot look like what came."""

    __tablename__ = "catalogue_stamp"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stamp: Mapped[str] = mapped_column(String(32))


@event.listens_for(Session, "after_flush")
def _changed(session: Session, context: Any) -> None:
    if any(isinstance(row, Product | ProductAlias) for row in (*session.new, *session.dirty)):
        session.info["catalogue_changed"] = True
        session.info.pop("catalogue_own", None)


@event.listens_for(Session, "before_commit")
def _stamp(session: Session) -> None:
    session.flush()
    if session.info.get("catalogue_changed"):
        connection = session.connection()
        put = _INSERT[connection.dialect.name](CatalogueStamp)
        word = {"stamp": secrets.token_hex(16)}
        connection.execute(put.values(id=1, **word).on_conflict_do_update(index_elements=["id"], set_=word))


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _over(session: Session) -> None:
    session.info.pop("catalogue_changed", None)
    session.info.pop("catalogue_own", None)


_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS stock_movement_no_update BEFORE UPDATE ON stock_movement "
    "BEGIN SELECT RAISE(ABORT, 'stock movements are never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS stock_movement_no_delete BEFORE DELETE ON stock_movement "
    "BEGIN SELECT RAISE(ABORT, 'stock movements are never deleted'); END",
)
_POSTGRES = (
    "CREATE OR REPLACE FUNCTION stock_movement_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'stock movements are never changed or deleted'; END $$",
    "CREATE OR REPLACE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE ON stock_movement "
    "FOR EACH ROW EXECUTE FUNCTION stock_movement_append_only()",
)
for _statement in _SQLITE:
    event.listen(StockMovement.__table__, "after_create", DDL(_statement).execute_if(dialect="sqlite"))
for _statement in _POSTGRES:
    event.listen(
        StockMovement.__table__,
        "after_create",
        DDL(_statement.replace("%", "%%")).execute_if(dialect="postgresql"),
    )
