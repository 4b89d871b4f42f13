"""The carriers and boxes of a store, as its manager sets them. A carrier's keys come in sealed and never go out again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.secrets import decrypt, encrypt
from checkout_desk.settings.effective import one_at_a_time
from checkout_desk.settings.models import ShippingService
from checkout_desk.settings.typed import Wrong
from checkout_desk.shipping.models import Box, Carrier, Shipment
from checkout_desk.shipping.numbers import CARRIERS

BOXES = (
    ("S", 220, 160, 100, 70),
    ("M", 310, 230, 150, 150),
    ("L", 400, 300, 250, 280),
    ("XL", 600, 400, 300, 520),
)
"""what a new store may pack in: name, millimetres, grams of the empty box"""
ALSO = {
    "deutschepost": "dhl", "dhlpaket": "dhl", "dhlexpress": "dhl", "laposte": "colissimo",
    "unitedstatespostalservice": "usps", "hermesuk": "evri", "myhermes": "evri", "diepost": "swiss_post",
    "royalmailgroup": "royal_mail", "parcelforceworldwide": "parcelforce",
}  # fmt: skip
"""other names of carriers whose numbers are known"""
SECRETS: dict[str, tuple[str, ...]] = {"manual": (), "easypost": ("api_key", "webhook_secret")}
"""what is kept encrypted, by adapter"""


def every() -> Sequence[Carrier]:
    """All carriers, in use or not, as the store sorted them."""
    return db.session.scalars(select(Carrier).order_by(Carrier.position, Carrier.id)).all()


def boxes() -> Sequence[Box]:
    """The sizes of boxes, the first the smallest as the store sorted them."""
    return db.session.scalars(select(Box).order_by(Box.position, Box.id)).all()


def missing() -> list[str]:
    """Carriers that shipping services name and that nobody has set up."""
    here = select(Carrier.name)
    rows = db.session.scalars(
        select(ShippingService.carrier)
        .where(ShippingService.carrier != "", ShippingService.carrier.not_in(here))
        .distinct()
    )
    return sorted(rows)


def pattern_of(name: str) -> str:
    """Whose numbers a carrier of that name gives out; '' where nobody can tell."""
    plain = "".join(sign for sign in name.casefold() if sign.isalnum())
    known = {
        "".join(word.casefold().split()): pattern for pattern, word in CARRIERS.items() if pattern != "post"
    }
    return known.get(plain) or ALSO.get(plain, "")


def named(name: str) -> Carrier | None:
    """The carrier that a service names, made with what is known of it when it is not there yet. Writing transaction."""
    if not name:
        return None
    found: Carrier | None = db.session.scalars(select(Carrier).where(Carrier.name == name)).one_or_none()
    if found is None:
        one_at_a_time()
        found = db.session.scalars(select(Carrier).where(Carrier.name == name)).one_or_none()
    return found or _make(name)


def open_carriers() -> None:
    """What a new store begins with: the carriers of its services, and boxes. The caller commits."""
    for name in missing():
        _make(name)
    if db.session.query(Box.id).first() is None:
        for position, (name, length, width, height, grams) in enumerate(BOXES):
            box = Box(
                name=name, length_mm=length, width_mm=width, height_mm=height, grams=grams, position=position
            )
            db.session.add(box)
            record("box.created", about=box, after={"name": name})


def _make(name: str) -> Carrier:
    found = Carrier(name=name[:80], pattern=pattern_of(name), position=_next(Carrier.position))
    db.session.add(found)
    db.session.flush()
    record("carrier.created", about=found, after={"name": found.name, "pattern": found.pattern})
    return found


def _next(column: Any) -> int:
    last: int | None = db.session.scalar(select(func.max(column)))
    return (last or 0) + 1


def secrets(carrier: Carrier) -> dict[str, str]:
    """The adapter's keys in clear, {} where there are none. Never for a page, an event or a log.

    Raises checkout_desk.secrets.LostKey where the desk no longer has the key that they were sealed with.
    """
    found: dict[str, str] = json.loads(decrypt(carrier.secret)) if carrier.secret else {}
    return found


def _seal(found: dict[str, str]) -> str | None:
    kept = {name: value for name, value in sorted(found.items()) if value}
    return encrypt(json.dumps(kept)) if kept else None


def save(
    carrier: Carrier | None,
    values: dict[str, Any],
    *,
    settings: dict[str, Any],
    secrets_typed: dict[str, str],
) -> Carrier:
    """Make a carrier or change one; `values` are its columns. A key that is '' stays as it was. Raises Wrong.

    A new name holds for the shipping services that name it, too.
    """
    one_at_a_time()
    same = db.session.scalars(select(Carrier).where(func.lower(Carrier.name) == values["name"].lower()))
    if any(carrier is None or other.id != carrier.id for other in same):
        raise Wrong(
            "name", f"Name: “{values['name']}” is a carrier already; change that one, or type another name."
        )
    kept = secrets(carrier) if carrier and any(not value for value in secrets_typed.values()) else {}
    needed = SECRETS[values["adapter"]]
    sealed = {**kept, **{name: value for name, value in secrets_typed.items() if value}}
    sealed = {name: value for name, value in sealed.items() if name in needed}
    typed = sorted(name for name, value in secrets_typed.items() if value)
    if carrier is None:
        carrier = Carrier(position=_next(Carrier.position), settings=settings, secret=_seal(sealed), **values)
        db.session.add(carrier)
        db.session.flush()
        record("carrier.created", about=carrier, after={**values, "settings": settings, "keys": typed})
        return carrier
    values = {**values, "settings": {**carrier.settings, **settings}}
    before = {
        name: getattr(carrier, name) for name, value in values.items() if getattr(carrier, name) != value
    }
    after = {name: values[name] for name in before}
    if "name" in before:
        db.session.execute(
            update(ShippingService)
            .where(ShippingService.carrier == before["name"])
            .values(carrier=values["name"])
        )
    for name, value in after.items():
        setattr(carrier, name, value)
    if typed or (carrier.secret and not needed):
        carrier.secret = _seal(sealed)
        after["keys"] = typed
    if after:
        record("carrier.changed", about=carrier, before=before, after=after)
    return carrier


def save_box(box: Box | None, values: dict[str, Any]) -> Box:
    """Make a size of box or change one. Raises Wrong."""
    one_at_a_time()
    same = db.session.scalars(select(Box).where(func.lower(Box.name) == values["name"].lower()))
    if any(box is None or other.id != box.id for other in same):
        raise Wrong(
            "name", f"Name: there is a box “{values['name']}” already; change that one, or type another name."
        )
    if box is None:
        box = Box(position=_next(Box.position), **values)
        db.session.add(box)
        db.session.flush()
        record("box.created", about=box, after=values)
        return box
    before = {name: getattr(box, name) for name, value in values.items() if getattr(box, name) != value}
    for name in before:
        setattr(box, name, values[name])
    if before:
        record("box.changed", about=box, before=before, after={name: values[name] for name in before})
    return box


def remove_box(box: Box) -> None:
    """Take a size away; parcels that were packed in it keep their weight."""
    one_at_a_time()
    record("box.removed", about=box, before={"name": box.name})
    db.session.execute(update(Shipment).where(Shipment.box_id == box.id).values(box_id=None))
    db.session.execute(delete(Box).where(Box.id == box.id))
