"""From what each sentence says to what the mail as a whole orders: later sentences win, additions add, refusals remove."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from checkout_desk.reading import lexicon
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import Ambiguous, Line, Unmatched
from checkout_desk.reading.statements import Statement

MOST = 999_999_999


@dataclass(slots=True)
class Found:
    """What one text orders. `loose` are amounts beside no product: "I'll take one"."""

    lines: list[Line] = field(default_factory=list)
    ambiguous: list[Ambiguous] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)
    loose: list[int | None] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lines or self.ambiguous or self.unmatched)


def merge(
    statements: Sequence[Statement],
    *,
    canon: Canon,
    source: str,
    update: bool,
    known: Mapping[str, int | None],
) -> Found:
    """Fold statements in the order in which they were made.

    In an update each quantity is the new absolute one and a product taken back stays as 0 (SPEC section 10).
    """
    chosen: dict[str, Statement] = {}
    unclear: dict[tuple[str, ...], Statement] = {}
    unknown: list[Statement] = []
    named: set[str] = set()
    for statement in statements:
        if len(statement.skus) == 1:
            named.add(statement.skus[0])
        if statement.maybe and not any(s.item and s.skus and not s.seen for s in statements):
            continue
        if statement.seen or statement.rule == "split":
            continue
        if not statement.skus:
            if not statement.removes:
                unknown.append(statement)
        elif len(statement.skus) == 1:
            _one(chosen, statement, update=update, known=known)
        else:
            _several(unclear, chosen, statement, update=update, known=known, named=named)
    found = Found()
    for sku, statement in chosen.items():
        if not statement.removes or update:
            found.lines.append(_line(sku, statement, canon, source))
    for statement in unclear.values():
        parts = [chosen[sku] for sku in statement.skus if sku in chosen]
        if statement.quantity is None and any(p.sentence == statement.sentence and p.said for p in parts):
            continue  # "torx bits: T20 x 10, T25 x 10"
        if not statement.said and _pointed(statement, canon) and any(p.said for p in parts):
            continue  # "Je reprends la guitare. Il me faut 2 jeux de cordes": one of it was counted
        span = canon.span(statement.start, statement.end)
        found.ambiguous.append(
            Ambiguous(
                canon.text[span[0] : span[1]],
                statement.quantity,
                statement.skus,
                span,
                source,
                statement.rule,
            )
        )
    for statement in unknown:
        span = canon.span(statement.start, statement.end)
        found.unmatched.append(
            Unmatched(canon.text[span[0] : span[1]], statement.quantity, span, source, statement.rule)
        )
    return found


def _pointed(statement: Statement, canon: Canon) -> bool:
    """Whether a statement begins with "the" or a word like it: it points to something, and counts nothing."""
    word = canon.low[statement.start : statement.start + 8].partition(" ")[0]
    return word in lexicon.SINGULAR_DETERMINERS or word in lexicon.PLURAL_DETERMINERS


def _line(sku: str, statement: Statement, canon: Canon, source: str) -> Line:
    span = canon.span(statement.start, statement.end)
    quantity = 0 if statement.removes else statement.quantity
    confidence = statement.confidence - (0.3 if statement.weak else 0.0)
    rule = "taken-back" if statement.removes else _rule(statement)
    return Line(
        sku, quantity, canon.text[span[0] : span[1]], span, source, round(max(confidence, 0.05), 2), rule
    )


def _rule(statement: Statement) -> str:
    if statement.said and not statement.rule.startswith("table"):
        return f"quantity-x-{statement.rule}"
    return f"one-{statement.rule}" if statement.implied else statement.rule


def _one(
    chosen: dict[str, Statement], statement: Statement, *, update: bool, known: Mapping[str, int | None]
) -> None:
    sku = statement.skus[0]
    before = chosen.get(sku)
    if statement.removes:
        if update and known and before is None and sku not in known:
            return  # what the order never had cannot be left out
        if update or before:
            chosen.pop(sku, None)
            chosen[sku] = statement
        return
    if statement.relative < 0 or (statement.relative and known.get(sku) and before is None):
        _relative(chosen, statement, before, known)
        return
    if update and before is None and statement.additive and statement.quantity and known.get(sku):
        statement.quantity += known[sku] or 0
        statement.confidence = min(statement.confidence, 0.78)
    if before is None or before.removes:
        chosen[sku] = statement
        return
    if statement.quantity is None:
        return
    if (
        before.quantity is None
        or statement.corrects
        or statement.recaps
        or (before.implied and statement.said)
    ):
        chosen[sku] = statement
        return
    if statement.implied and not statement.additive:
        return
    total = before.quantity + statement.quantity
    if (
        statement.additive or (statement.item and before.item) or statement.sentence == before.sentence
    ) and total <= MOST:
        statement.quantity = total
        statement.confidence = min(statement.confidence, before.confidence)
        statement.said = statement.said or before.said
        chosen[sku] = statement
    elif statement.quantity != before.quantity:
        statement.confidence = min(statement.confidence, 0.7)
        chosen[sku] = statement


def _relative(
    chosen: dict[str, Statement],
    statement: Statement,
    before: Statement | None,
    known: Mapping[str, int | None],
) -> None:
    """'One less' is certain only where it is known how many there were."""
    sku = statement.skus[0]
    had = before.quantity if before and not before.removes else known.get(sku)
    left = None if had is None else had + statement.relative
    if left is None or left < 0:
        statement.quantity, statement.confidence = None, min(statement.confidence, 0.6)
    elif left == 0:
        statement.removes = True
    else:
        statement.quantity, statement.confidence = left, min(statement.confidence, 0.85)
    chosen.pop(sku, None)
    chosen[sku] = statement


def _several(
    unclear: dict[tuple[str, ...], Statement],
    chosen: dict[str, Statement],
    statement: Statement,
    *,
    update: bool,
    known: Mapping[str, int | None],
    named: Collection[str],
) -> None:
    """Words that fit several products; in a thread or after a clear line the one that is known already is meant."""
    meant = [
        sku
        for sku in statement.skus
        if sku in chosen
        or sku in known
        or (statement.among and statement.rule != "one-or-the-other" and sku in named)
    ]
    if len(meant) == 1 and meant[0] not in chosen and meant[0] not in known:
        statement.skus = (meant[0],)
        statement.confidence = min(statement.confidence, 0.82)
        _one(chosen, statement, update=update, known=known)
        return
    if len(meant) == 1 and (
        statement.removes or statement.corrects or update or statement.quantity is None or statement.implied
    ):
        if statement.implied and not (statement.removes or update):
            return
        statement.skus = (meant[0],)
        statement.confidence = min(statement.confidence, 0.85)
        _one(chosen, statement, update=update, known=known)
        return
    if statement.removes:
        for skus in [s for s in unclear if set(s) & set(statement.skus)]:
            del unclear[skus]
        return
    before = unclear.get(statement.skus)
    if before and statement.quantity is None:
        return
    if before and before.quantity is not None and not statement.corrects and statement.start != before.start:
        unclear[(*statement.skus, f"\n{statement.start}")] = (
            statement  # '2 Porto 10, 1 Porto 20': both are asked about
        )
        return
    unclear[statement.skus] = statement
