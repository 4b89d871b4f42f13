"""One reader for each mailbox at a time: a lease in the mailbox's row, with a number that grows at each taking.

The number is the fence. A reader that was paused, or cut off from the database, and comes back after somebody else took
the mailbox, moves nothing: each of its transactions first touches the row under its own number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, update

from checkout_desk import clock
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import Mailbox

LENGTH = timedelta(seconds=60)


class LostLease(Exception):
    """Another reader holds the mailbox now. Whatever was being written is rolled back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read one mailbox, as long as its number is the newest."""

    holder: str
    number: int

    def hold(self, mailbox_id: int) -> None:
        """Within a transaction: lock the mailbox's row under this lease until the commit. Raises LostLease."""
        held = db.session.execute(
            update(Mailbox)
            .where(
                Mailbox.id == mailbox_id,
                Mailbox.lease_number == self.number,
                Mailbox.lease_holder == self.holder,
            )
            .values(lease_number=self.number)
            .returning(Mailbox.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if held is None:
            raise LostLease(f"mailbox {mailbox_id}")


def take(mailbox_id: int, holder: str) -> Lease | None:
    """The lease, when nobody holds it or its holder went silent; None otherwise. Commits."""
    now = clock.now()
    begin_write()
    number = db.session.scalar(
        update(Mailbox)
        .where(Mailbox.id == mailbox_id, or_(Mailbox.lease_until.is_(None), Mailbox.lease_until < now))
        .values(lease_holder=holder, lease_number=Mailbox.lease_number + 1, lease_until=now + LENGTH)
        .returning(Mailbox.lease_number)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return None if number is None else Lease(holder, number)


def renew(mailbox_id: int, lease: Lease) -> bool:
    """Prolong a lease that is still ours. Returns False when another reader holds the mailbox. Commits."""
    begin_write()
    kept = db.session.scalar(
        update(Mailbox)
        .where(
            Mailbox.id == mailbox_id,
            Mailbox.lease_number == lease.number,
            Mailbox.lease_holder == lease.holder,
        )
        .values(lease_until=clock.now() + LENGTH)
        .returning(Mailbox.id)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return kept is not None


def release(mailbox_id: int, lease: Lease) -> None:
    """Let the next reader begin at once. Commits; harmless when the lease was lost."""
    begin_write()
    db.session.execute(
        update(Mailbox)
        .where(
            Mailbox.id == mailbox_id,
            Mailbox.lease_number == lease.number,
            Mailbox.lease_holder == lease.holder,
        )
        .values(lease_until=None)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
