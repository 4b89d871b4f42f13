"""Where personal data stands: nothing that holds text may be added without a word on what erasing does with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, String
from sqlalchemy.types import TypeDecorator

from checkout_desk import migrating
from checkout_desk.deflating import Packed
from checkout_desk.extensions import Digest, db
from checkout_desk.records import erasing
from checkout_desk.records.classes import CLASSES, PERSONAL, SHOPS

DOC = Path(__file__).parents[2] / "docs" / "personal-data.md"
ELSEWHERE = {"participant", "act", "number_list", "carrier_event", "event", "message_reading", "erasure"}
"""tables that erasing goes through in another way than by the ids of rows"""
UNTOUCHED = {"promise", "milestone_mail", "shipment_item"}
"""tables of a person that hold no words of theirs"""


def _holds_words(column: Column[Any]) -> bool:
    """Text, JSON in whatever dress, and the names of blobs; a hash of the record is none of them."""
    kind = column.type
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    named = isinstance(kind, Digest) and column.name != "hash"
    return isinstance(inner, String | JSON) or isinstance(kind, Packed) or named


def test_every_text_of_every_table_is_classified() -> None:
    migrating.import_models()
    for table in db.metadata.tables.values():
        texts = {column.name for column in table.columns if _holds_words(column)}
        if table.name in PERSONAL:
            known = set(PERSONAL[table.name][1])
        else:
            known = set(SHOPS.get(table.name, "").split())
        assert texts == known, (
            f"{table.name}: say in records/classes.py what {sorted(texts ^ known)} are, and what erasing does"
        )


def test_what_is_said_to_go_is_gone_through() -> None:
    done = {name for name, _ in erasing.ROWS} | ELSEWHERE | UNTOUCHED
    assert done == set(PERSONAL)
    for name, (kind, columns) in PERSONAL.items():
        assert kind in CLASSES
        assert set(columns.values()) <= {"gone", "alias", "ours", "stays"}, name
        if name in UNTOUCHED:
            assert set(columns.values()) <= {"stays"}


def test_the_document_names_every_class_and_table() -> None:
    text = DOC.read_text()
    assert [one.title for one in CLASSES.values() if one.title not in text] == []
    assert [name for name in PERSONAL if f"`{name}`" not in text] == []
