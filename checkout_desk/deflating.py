"""Facts that a program wrote and only this one reads, packed: JSON whose every value names its rule, source and confidence.

Packed they are a fifth of the size. The dictionary of the compression is part of what is kept and never changes.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_WORDS = (
    b'"ambiguous":[],"unmatched":[],"ship_country":{"by":"customer","ship_postcode":{"by":"person","person":"phone":null,"ship_to":null'
    b'"line2":null,"region":"tax_number":"email":"text":"+44+49"rule":"phone-valid"postcode":{"country":{"city":{"line1":{'
    b'"rule":"customer-name","confidence":0.9"rule":"from-header","confidence":0.95,"source":"header","span":null,"inferred":true},'
    b'"rule":"address","confidence":0.93,"source":"body","span":null,"inferred":false},"ship_to":{"name":{"text":"'
    b'"rule":"address-block","confidence":0.8252,"source":"body","span":[100,118],"inferred":false},'
    b'{"lines":[{"sku":"","quantity":1,"text":"2 x ","span":[12,24],"source":"body","confidence":0.97,"rule":"quantity-x-name"},{"sku":"'
    b'"}],"ambiguous":[],"unmatched":[],"customer":{"name":null,"email":null,"phone":null},"ship_to":null,"gaps":[]}'
    b'"message":,"ship_region":,"ship_line2":,"phone":,"ship_name":,"ship_line1":,"ship_city":,"ship_postcode":,"ship_country":'
    b'{"by":"reading","span":null,"source":"body","rule":"address","confidence":0.93,"inferred":false,"at":"2026-10-30T22:00:30.150741+00:00","message":'
)


class Packed(TypeDecorator[Any]):
    """JSON, deflated with a dictionary of the words that occur most. Not to be searched by the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else pack(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(unpack(value))


def pack(text: str) -> bytes:
    """The bytes that are kept for a JSON text."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    return packer.compress(text.encode()) + packer.flush()


def unpack(data: bytes) -> str:
    """The JSON text of what is kept. Raises zlib.error when it is none."""
    unpacker = zlib.decompressobj(-15, _WORDS)
    return (unpacker.decompress(data) + unpacker.flush()).decode()
