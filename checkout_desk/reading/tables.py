"""Rows of tables and order forms: the product in one cell, how many in another; a row without a number orders nothing."""

from __future__ import annotations

import re

from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.catalogue import Catalogue, is_attribute
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.eastern import split_east
from checkout_desk.reading.layouts import Row, spelt_count, tables
from checkout_desk.reading.mentions import find_mentions
from checkout_desk.reading.model import Span
from checkout_desk.reading.sentence import common
from checkout_desk.reading.statements import Statement
from checkout_desk.reading.tokens import Token, joined_models, tokenise

_NUMBER = re.compile(
    r"\s*(?:x ?)?(\d{1,9})(?:[.,]0{1,2})?\s?(?:packs?|packung(?:en)?|pkg|box(?:es)?|boites?|cajas?|scatol[ae]|caixas?|dozen|doos|rolls?|rollen|flaschen?|bottles?|btl\.?|bt|fl|sets?|paar|pairs?|x|pcs|pc|pieces|stk\.?|stuck|st\.?|ud\.?|uds\.?|pz\.?|stuks|un\.?|個|本|枚)?\s*"
)
_TOTAL = re.compile(
    r"\W*(?:sub)?(?:total|sum|summe|betrag|amount due|balance|gesamt\w*|zwischensumme|somme|totale|totaal|shipping|versand\w*|porto|livraison|envio|spedizione|verzend\w*|vat|mwst|tva|iva|btw|tax|合計|小計|送料)\b"
)


def read_tables(
    canon: Canon, catalogue: Catalogue, language: str, struck: list[Span]
) -> tuple[list[Statement], list[Span]]:
    """What the tables of a text order, and the ranges that they take up; those are not read again as prose."""
    statements: list[Statement] = []
    taken: list[Span] = []
    for number, table in enumerate(tables(canon.low, catalogue)):
        rows, columns = table.rows, table.columns
        body = rows[1:] if columns and not table.codes else rows
        if "count" not in columns and not _is_list(canon.low, rows):
            continue
        for row in body:
            if any(a < row.end and b > row.start for a, b in struck):
                taken.append((row.start, row.end))
                continue
            statement = _row(canon, catalogue, language, row, columns, -1 - number)
            if statement and columns and len(row.cells) < len(rows[0].cells):
                _shorter(canon.low, row, columns, statement)
            if statement:
                statements.append(statement)
        taken += [(row.start, row.end) for row in rows]
    return statements, taken


def _is_list(low: str, rows: list[Row]) -> bool:
    """Whether rows without a heading have one cell of words and one whole number each."""
    return all(
        sum(_NUMBER.fullmatch(low[a:b]) is not None for a, b in row.cells) == 1
        or _TOTAL.match(low[row.start : row.end])
        for row in rows
    ) and any(
        " | " in low[row.start : row.end] or "\t" in low[row.start : row.end] or len(row.cells) > 1
        for row in rows
    )


def _row(
    canon: Canon, catalogue: Catalogue, language: str, row: Row, columns: dict[str, int], number: int
) -> Statement | None:
    low = canon.low
    if _TOTAL.match(low[row.start : row.end]) and not _known(low, row, catalogue):
        return None
    count, said = _count(low, row, columns, catalogue)
    if said and not count:
        return None
    sku, skus, confidence, rule, span = _product(canon, catalogue, language, row, columns)
    if sku and skus and sku not in skus:
        return Statement(
            (sku, *skus[:4]),
            count,
            row.start,
            row.end,
            0.6,
            "sku-and-name-differ",
            number,
            said=True,
            item=True,
        )
    chosen = (sku,) if sku else skus
    if not chosen and not span:
        return None
    start, end = _text(low, row)
    return Statement(
        chosen, count, start, end, 0.98 if sku else confidence, "table-sku" if sku else f"table-{rule}" if chosen else "unknown-product",
        number, said=count is not None, item=True,
    )  # fmt: skip


def _shorter(low: str, row: Row, columns: dict[str, int], statement: Statement) -> None:
    """A row that lost an empty cell on its way: its one whole number may count, and a person looks at it."""
    numbers = [int(m[1]) for a, b in row.cells if (m := _NUMBER.fullmatch(low[a:b].strip(' |"')))]
    if "count" in columns and len(row.cells) > 1 and len(numbers) == 1:
        statement.quantity, statement.said = numbers[0], True
        statement.confidence = min(statement.confidence, 0.75)


def _text(low: str, row: Row) -> Span:
    start, end = row.cells[0][0], row.cells[-1][1]
    while start < end and low[start] in " |":
        start += 1
    while end > start and low[end - 1] in " |":
        end -= 1
    return (start, end) if start < end else (row.start, row.end)


def _known(low: str, row: Row, catalogue: Catalogue) -> bool:
    return any(low[a:b].strip() in catalogue.skus for a, b in row.cells)


def _count(low: str, row: Row, columns: dict[str, int], catalogue: Catalogue) -> tuple[int | None, bool]:
    """The quantity of a row, and whether the table has a place for it: an empty one or 0 orders nothing.

    Without a heading a number that is a product's code counts nothing.
    """
    if "count" in columns:
        if columns["count"] >= len(row.cells):
            return None, len(row.cells) < 2
        start, end = row.cells[columns["count"]]
        text = low[start:end].strip(' |"')
        found = _NUMBER.fullmatch(text)
        if found:
            return int(found[1]), True
        if spelt := spelt_count(text):
            return spelt, True
        return None, text in ("", "-", "0", "/", "none", "keine")
    cells = [low[a:b].strip(" |") for a, b in row.cells]
    counts = [int(m[1]) for text in cells if text not in catalogue.skus and (m := _NUMBER.fullmatch(text))]
    return (counts[0], True) if len(counts) == 1 else (None, False)


def _unexplained(tokens: list[Token], named: Mention) -> bool:
    """Whether a cell has words beside the few that some product shares: a linen tea towel is no tea."""
    rest = [t for i, t in enumerate(tokens) if not named.first <= i <= named.last and t.kind == "word"]
    return any(len(t.low) > 3 and not common(t.low) and not is_attribute(t.key) for t in rest)


def _product(
    canon: Canon, catalogue: Catalogue, language: str, row: Row, columns: dict[str, int]
) -> tuple[str | None, tuple[str, ...], float, str, bool]:
    """The SKU cell's product, the products that the words name, and whether there are words at all."""
    sku: str | None = None
    cells = row.cells
    for i, (start, end) in enumerate(cells):
        text = canon.low[start:end].strip(" |\"'")
        plain_number = text.isdigit() and columns.get("sku") != i
        if text in catalogue.skus and not plain_number and i != columns.get("count"):
            sku = catalogue.skus[text]
    best: tuple[tuple[str, ...], float, str] = ((), 0.0, "")
    at = columns.get("sku", len(cells))
    words = at < len(cells) and any(c.isalnum() for c in canon.low[slice(*cells[at])])
    tokens = []
    for i, (start, end) in enumerate(cells):
        if i in (columns.get("count"), columns.get("sku")):
            continue
        if _NUMBER.fullmatch(canon.low[start:end]) and not (i == columns.get("size") and "count" in columns):
            continue
        tokens += tokenise(canon, start, end, language=language)
        words = words or any(t.kind == "word" and len(t.low) > 2 for t in tokenise(canon, start, end))
    if tokens:
        tokens = split_east(joined_models(tokens, catalogue.postings), canon.low, catalogue)
        shown = "".join(canon.shown(i, i + 1)[:1] or " " for i in range(tokens[0].start, tokens[-1].end))
        named = [m for m in find_mentions(canon.low, tokens, catalogue, shown) if m.skus]
        skus = tuple(dict.fromkeys(s for m in named for s in m.skus))
        if len(named) == 1:
            more = _unexplained(tokens, named[0]) and named[0].rule.startswith("part")
            best = (named[0].skus, min(named[0].confidence, 0.7 if more else 1.0), named[0].rule)
        elif named:
            common = set(named[0].skus).intersection(*(m.skus for m in named[1:]))
            best = (tuple(common), 0.9, "name") if len(common) == 1 else (skus[:12], 0.6, "name")
    return sku, best[0], best[1], best[2], words
