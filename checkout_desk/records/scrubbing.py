"""Taking a person out of rows: who they are becomes an alias, what they wrote goes, numbers of the books stay.

Each function does a chunk of rows by their ids and may be repeated. The caller commits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import current_app
from sqlalchemy import RowMapping, delete, select, update

from checkout_desk import clock
from checkout_desk.events.forgetting import lifted
from checkout_desk.extensions import db
from checkout_desk.mail.models import forgotten_mark
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders import quote_content
from checkout_desk.records.belongings import Belongings, table

GONE = "Erased"


@dataclass
class Alias:
    """What a person is called from now on, and the words by which they were known."""

    mark: str
    words: Sequence[str] = ()
    files: list[str] = field(default_factory=list)
    """digests of blobs that were theirs: gathered here, removed when the rows are committed"""

    @property
    def name(self) -> str:
        """'Person 4f2a91c0'"""
        return f"Person {self.mark}"

    @property
    def email(self) -> str:
        """An address that reaches nobody (RFC 2606)."""
        return f"erased-{self.mark}@invalid"

    def redact(self, words: str) -> str:
        """`words` of ours with the alias for everything by which they were known."""
        if not words or not self.words:
            return words
        return re.sub("|".join(map(re.escape, self.words)), self.name, words, flags=re.IGNORECASE)


def known_by(found: Belongings) -> list[str]:
    """The words by which a person is known, longest first: addresses, names and their parts, phone numbers."""
    parts = {part for name in found.names for part in (name, *re.split(r"[\s,]+", name)) if len(part) > 2}
    return sorted({*found.emails, *parts, *found.phones} - {""}, key=lambda word: (-len(word), word))


def bare(value: Any, keep: Iterable[str]) -> Any:
    """A JSON value with its numbers, and its texts only under the keys in `keep`; other texts become ''."""
    if isinstance(value, str):
        return ""
    if isinstance(value, dict):
        return {key: inner if key in keep else bare(inner, keep) for key, inner in value.items()}
    if isinstance(value, list):
        return [bare(inner, keep) for inner in value]
    return value


def put(name: str, ids: Sequence[int], /, **values: Any) -> None:
    """Set columns of rows; a row that several may change at once counts one version on."""
    rows = table(name)
    if "version" in rows.c:
        values["version"] = rows.c.version + 1
    db.session.execute(update(rows).where(rows.c.id.in_(ids)).values(values))


def rows_of(name: str, ids: Sequence[int]) -> list[RowMapping]:
    """The rows as they are now."""
    rows = table(name)
    return list(db.session.execute(select(rows).where(rows.c.id.in_(ids)).order_by(rows.c.id)).mappings())


def drop(name: str, ids: Sequence[int]) -> None:
    """Delete rows."""
    rows = table(name)
    db.session.execute(delete(rows).where(rows.c.id.in_(ids)))


def empty(
    name: str, ids: Sequence[int], alias: Alias, *, redacted: Sequence[str] = (), **values: Any
) -> None:
    """Set `values`; in the columns `redacted`, which hold words of ours, only the person goes."""
    if values:
        put(name, ids, **values)
    for row in rows_of(name, ids) if redacted else ():
        changed = {c: alias.redact(row[c]) for c in redacted if row[c] and alias.redact(row[c]) != row[c]}
        if changed:
            put(name, [row["id"]], **changed)


def customers(ids: Sequence[int], alias: Alias) -> None:
    """Who they are. Mail from their addresses makes a new customer from now on."""
    put(
        "customer", ids, name=alias.name, name_key=alias.name.casefold(), phone="", note="",
        feedback_opt_out_at=clock.now(),
    )  # fmt: skip


def addresses(ids: Sequence[int], alias: Alias) -> None:
    """The addresses that they wrote from: as many as there were, and none of them theirs."""
    for number in ids:
        put("customer_address", [number], email=f"erased-{alias.mark}-{number}@invalid")


def merges(ids: Sequence[int], alias: Alias) -> None:
    """What taking a merge apart would have needed."""
    for row in rows_of("customer_merge", ids):
        put("customer_merge", [row["id"]], before={**row["before"], "facts": {}, "filled": {}})


def letters(ids: Sequence[int], alias: Alias) -> None:
    """Messages: what was written and by whom. That there was one, when and of which kind, stays."""
    readings = table("message_reading")
    for row in db.session.execute(select(readings).where(readings.c.message_id.in_(ids))).mappings():
        left = bare(row["reading"], ("sku", "rule", "kind", "role", "language", "gaps", "standing"))
        change = update(readings).where(readings.c.message_id == row["message_id"]).values(reading=left)
        db.session.execute(change)
    nobody: dict[str, Any] = {"to": [], "cc": [], "reply_to": []}
    for row in rows_of("message", ids):
        theirs = row["direction"] == "in"
        values: dict[str, Any] = {"from_name": alias.name, "from_email": alias.email} if theirs else {}
        to = nobody if theirs else {**nobody, "to": [[alias.email, alias.name]]}
        put(
            "message", [row["id"]], **values, recipients=to if row["recipients"] else None, subject=GONE,
            text=GONE + ".", html=None, zones=None, reason="", mail_id=None, canonical_key=None,
            facts=bare(row["facts"], ("flags",)) if row["facts"] else None, attachment_count=0,
            trouble=alias.redact(row["trouble"]) if row["trouble"] else None,
        )  # fmt: skip


REMOVED = b"The bytes of this were removed after their time, as a rule of the store says.\n"
"""stands for a file whose row has no use for one of its own"""
REMOVED_SHA256 = sha256(REMOVED).hexdigest()


def removed(name: str, column: str, ids: Sequence[int], alias: Alias, **values: Any) -> None:
    """Files of rows that stay as they are: the same few words stand in the place of each."""
    for row in rows_of(name, ids):
        if row[column] != REMOVED_SHA256:
            alias.files.append(row[column])
            put(name, [row["id"]], **{column: blobs().put(REMOVED)}, **values)


def originals(ids: Sequence[int], alias: Alias) -> None:
    """Mails as they came: another file stands in their place, and the same bytes are known if a server offers them again."""
    forgotten = table("forgotten_mail")
    for row in rows_of("raw_mail", ids):
        data = _stub(alias, f"mail-{row['id']}")
        digest = blobs().put(data)
        if digest == row["sha256"]:
            continue
        alias.files.append(row["sha256"])
        mark = forgotten_mark(row["sha256"])
        there = db.session.scalar(select(forgotten.c.mark).where(forgotten.c.mark == mark))
        if there is None:
            db.session.execute(forgotten.insert().values(mark=mark, raw_id=row["id"]))
        put(
            "raw_mail", [row["id"]], sha256=digest, size=len(data), fault=None,
            envelope_from=alias.email if row["envelope_from"] else row["envelope_from"],
        )  # fmt: skip


def sent_mails(ids: Sequence[int], alias: Alias) -> None:
    """Mails of ours: whom they reached, and their bytes."""
    for row in rows_of("outbound_mail", ids):
        data = _stub(alias, f"sent-{row['id']}")
        digest = blobs().put(data)
        if digest != row["sha256"]:
            alias.files.append(row["sha256"])
        put(
            "outbound_mail", [row["id"]], sha256=digest, size=len(data), to_address=alias.email, response=None,
            recipients=[alias.email] if row["recipients"] else [], refused=None,
        )  # fmt: skip
        sandboxed = current_app.config["DESK_HOME"] / "sent" / f"{row['id']:08d}.eml"
        sandboxed.unlink(missing_ok=True)  # the copy that a sandbox store keeps instead of sending


def _stub(alias: Alias, name: str) -> bytes:
    """A mail that says that there was one."""
    return (
        f"From: {alias.name} <{alias.email}>\r\nMessage-ID: <{name}-{alias.mark}@invalid>\r\nSubject: {GONE}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis mail was erased.\r\n"
    ).encode()


def files_of(name: str, column: str, ids: Sequence[int], alias: Alias) -> None:
    """Rows that are nothing but a file: they go with it."""
    alias.files += [row[column] for row in rows_of(name, ids) if row[column]]
    drop(name, ids)


def conversations(ids: Sequence[int], alias: Alias) -> None:
    """What a row of the queue shows, and who took part."""
    part = table("participant")
    db.session.execute(delete(part).where(part.c.conversation_id.in_(ids)))
    empty(
        "conversation", ids, alias, redacted=("escalated_reason",), subject=GONE, who=alias.name, preview="",
        has_attachment=False,
    )  # fmt: skip


def orders(ids: Sequence[int], alias: Alias) -> None:
    """Where it went and to whom. Country, sums, states and times are the books' and stay."""
    for row in rows_of("order", ids):
        put(
            "order", [row["id"]], sources=bare(row["sources"], ("by", "rule", "at")),
            asked=bare(row["asked"], ("gap", "at")), ship_name=alias.name if row["ship_name"] else "",
        )  # fmt: skip
    where = dict.fromkeys(
        ("phone", "ship_line1", "ship_line2", "ship_city", "ship_region", "ship_postcode"), ""
    )
    empty("order", ids, alias, redacted=("cancel_reason",), email=alias.email, **where)


def lines(ids: Sequence[int], alias: Alias) -> None:
    """The words of an order's lines; what was ordered stays."""
    empty("order_line", ids, alias, redacted=("removed_why",), text="", source="body")


def changes(ids: Sequence[int], alias: Alias) -> None:
    """What was to be different: which field, not what stood in it."""
    for row in rows_of("order_change", ids):
        put("order_change", [row["id"]], changes=bare(row["changes"], ("what", "field", "sku")))


def quotes(ids: Sequence[int], alias: Alias) -> None:
    """The address on quotes. Everything that was calculated stays; the hash is the one of what is left."""
    with lifted("quote"):
        for row in rows_of("quote", ids):
            was = row["content"].get("address", {})
            kept = {key: value if key == "ship_country" else "" for key, value in was.items()}
            left = {**row["content"], "address": kept | {"ship_name": alias.name, "email": alias.email}}
            put("quote", [row["id"]], content=left, content_hash=quote_content.digest(left))


def labels(ids: Sequence[int], alias: Alias) -> None:
    """Where parcels went, and the labels that were bought."""
    for row in rows_of("label", ids):
        if row["pdf_sha256"]:
            alias.files.append(row["pdf_sha256"])
        to = {"name": alias.name, "country": row["address"].get("recipient", {}).get("country", "")}
        to |= {key: "" for key in row["address"].get("recipient", {}) if key not in to}
        left = {**row["address"], "recipient": to}
        put("label", [row["id"]], address=left)
    empty("label", ids, alias, redacted=("void_reason", "fault"), address_hash="", pdf_sha256=None)


def payments(ids: Sequence[int], alias: Alias) -> None:
    """Who paid, from which account and with which words. Sums, days and what they paid for stay."""
    for row in rows_of("payment", ids):
        evidence = bare(row["evidence"], ("what",))
        put("payment", [row["id"]], payer_name=alias.name if row["payer_name"] else "", evidence=evidence)
    put("payment", ids, payer_account="", text="", note="")


def told(name: str, column: str, ids: Sequence[int], alias: Alias) -> None:
    """Files in which somebody told us of them (a provider, a carrier, a bank): a stub stands in their place."""
    for row in rows_of(name, ids):
        digest = blobs().put(f"{GONE}: {name} {row['id']} of {alias.name}\n".encode())
        if digest != row[column]:
            alias.files.append(row[column])
            put(name, [row["id"]], **{column: digest}, **({"fault": None} if "fault" in row else {}))
