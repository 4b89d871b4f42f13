"""Where a person is named outside their own rows: undo's memory, lists of numbers, notes about errors, files in which others told of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update

from checkout_desk.events import forgetting
from checkout_desk.extensions import db
from checkout_desk.mail.receiving import blobs
from checkout_desk.records import scrubbing
from checkout_desk.records.belongings import Belongings, chunks, table
from checkout_desk.records.scrubbing import Alias

AT_ONCE = 500


def needles(found: Belongings) -> list[str]:
    """What a provider's or carrier's file names a person by: addresses, and the numbers of their parcels and payments."""
    wanted = set(found.emails)
    for name, column, ids in (
        ("shipment", "tracking_number", found.of("shipment")),
        ("shipment", "tracking_key", found.of("shipment")),
        ("label", "ref", found.of("label")),
        ("payment_link", "ref", found.of("payment_link")),
        ("payment", "source_ref", found.of("payment")),
        ("refund", "provider_ref", found.of("refund")),
    ):
        c = table(name).c
        for some in chunks(ids):
            wanted |= set(db.session.scalars(select(c[column]).where(c.id.in_(some))))
    return sorted(one for one in wanted if one and len(one) >= 6)


def acts(found: Belongings) -> None:
    """What undoing would have needed of acts on their conversations and orders."""
    c, talks, orders = table("act").c, set(found.of("conversation")), set(found.of("order"))
    since = db.session.scalar(
        select(func.min(table("conversation").c.created_at)).where(
            table("conversation").c.id.in_(found.of("conversation")[:1])
        )
    ) or db.session.scalar(
        select(func.min(table("order").c.created_at)).where(table("order").c.id.in_(found.of("order")[:1]))
    )
    last = 0
    while since is not None:
        query = select(c.id, c.before).where(c.id > last, c.at >= since).order_by(c.id).limit(AT_ONCE)
        rows = db.session.execute(query).all()
        theirs = [row.id for row in rows if _touches(row.before, talks, orders)]
        if theirs:
            db.session.execute(delete(table("act")).where(c.id.in_(theirs)))
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].id


def _touches(before: dict[str, Any], talks: set[int], orders: set[int]) -> bool:
    named = {one.get("id") for one in before.get("conversations", []) if isinstance(one, dict)}
    return bool(talks & {*named, before.get("source"), before.get("target")}) or before.get("order") in orders


def number_lists(found: Belongings) -> None:
    """Lines of imported tracking numbers that were for their orders."""
    orders = set(found.of("order"))
    lists = table("number_list")
    if not orders:
        return
    for row in db.session.execute(select(lists.c.id, lists.c.rows)).all():
        left = [
            {**one, "number": "", "words": "", "likely": ""} if one.get("order_id") in orders else one
            for one in row.rows
        ]
        if left != row.rows:
            db.session.execute(update(lists).where(lists.c.id == row.id).values(rows=left))


def resolutions(found: Belongings, alias: Alias) -> None:
    """Notes of how a communication error that struck them was resolved, where they name them; the record's words go with it."""
    incident, case = table("incident").c, table("incident_case").c
    struck: set[int] = set()
    for column, ids in (
        (case.customer_id, found.customer_ids),
        (case.order_id, found.of("order")),
        (case.conversation_id, found.of("conversation")),
        (case.message_id, found.of("message")),
    ):
        for some in chunks(ids):
            struck |= set(db.session.scalars(select(case.incident_id).where(column.in_(some)).distinct()))
    for some in chunks(sorted(struck)):
        noted = select(incident.id, incident.resolution).where(
            incident.id.in_(some), incident.resolution != ""
        )
        for row in db.session.execute(noted).all():
            left = alias.redact(row.resolution)
            if left != row.resolution:
                change = update(table("incident")).where(incident.id == row.id).values(resolution=left)
                db.session.execute(change)
                forgetting.forget("incident", [row.id])


def told_files(wanted: list[str], alias: Alias) -> None:
    """Webhooks of providers and carriers that name them though no row of theirs points there."""
    sought = [one.encode() for one in wanted]
    for name in ("provider_event", "carrier_event"):
        c = table(name).c
        last = 0
        while sought:
            query = select(c.id, c.raw_sha256).where(c.id > last).order_by(c.id).limit(AT_ONCE)
            rows = db.session.execute(query).all()
            theirs = [row.id for row in rows if _names(row.raw_sha256, sought)]
            if theirs:
                scrubbing.told(name, "raw_sha256", theirs, alias)
            if len(rows) < AT_ONCE:
                break
            last = rows[-1].id


def _names(digest: str, sought: list[bytes]) -> bool:
    try:
        data = blobs().get(digest)
    except FileNotFoundError:
        return False
    return any(one in data for one in sought)
