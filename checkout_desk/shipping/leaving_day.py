"""The end of a day with many parcels: a worker hands a manifest over while its page shows how far it is.

Who said so stands in the manifest, so that a worker goes on where another one died. A parcel that has left is not handed
over again, whoever asks how often.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.queue import later
from checkout_desk.shipping import manifests
from checkout_desk.shipping.models import Manifest

AT_ONCE = 25
"""parcels that are handed over while the person waits; more are a worker's"""
TURN = 25
"""parcels after which a worker lets other jobs go first, such as mails that leave"""
LEASE = timedelta(minutes=3)
"""longer than a turn takes; a worker that died is followed by another after it"""


def begin(manifest_id: int, *, by_id: int) -> None:
    """Have a worker hand over all of a manifest. Who asks twice begins it once. Commits."""
    db.session.rollback()
    begin_write()
    mine = db.session.scalar(
        update(Manifest)
        .where(Manifest.id == manifest_id, Manifest.state == "open", Manifest.leaving_by_id.is_(None))
        .values(leaving_by_id=by_id, leaving_until=None, refused=None)
        .returning(Manifest.id)
        .execution_options(synchronize_session=False)
    )
    if mine is not None:
        record("manifest.begun", about=("manifest", manifest_id), actor=f"person:{by_id}")
        later("hand_over_manifest", manifest_id)
    db.session.commit()


def carry_on(manifest_id: int) -> None:
    """The job `hand_over_manifest`: the next parcels leave, and it rings for the rest. Commits; may run twice or late."""
    db.session.rollback()
    begin_write()
    by_id = db.session.scalar(
        update(Manifest)
        .where(Manifest.id == manifest_id, *_waiting())
        .values(leaving_until=clock.now() + LEASE)
        .returning(Manifest.leaving_by_id)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    if by_id is None:
        return
    found = db.session.get_one(Manifest, manifest_id, populate_existing=True)
    refused = [(str(name), str(why)) for name, why in found.refused or ()]
    refused += manifests.hand_over_all(manifest_id, by_id=by_id, most=TURN, but=[name for name, _ in refused])
    db.session.rollback()
    begin_write()
    found = db.session.get_one(Manifest, manifest_id, populate_existing=True)
    found.refused, found.leaving_until = [list(one) for one in refused] or None, None
    if manifests.sizes([manifest_id]).get(manifest_id, (0, 0))[1] > len(refused):
        later("hand_over_manifest", manifest_id)
    else:
        found.leaving_by_id = None
    db.session.commit()


def sweep() -> int:
    """Ring for manifests that nobody finished. Returns how many; commits."""
    ids = list(db.session.scalars(select(Manifest.id).where(*_waiting()).limit(20)))
    for manifest_id in ids:
        later("hand_over_manifest", manifest_id)
    db.session.commit()
    return len(ids)


def _waiting() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    free = or_(Manifest.leaving_until.is_(None), Manifest.leaving_until < clock.now())
    return Manifest.leaving_by_id.is_not(None), free
