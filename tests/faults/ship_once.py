"""A parcel leaves in a process of its own, which a test kills in the middle: `ship_once 7`."""

from __future__ import annotations

import sys

from checkout_desk.app import create_app
from checkout_desk.extensions import begin_write, db
from checkout_desk.shipping import handing_over, parcels


def main() -> None:
    """Hand over the parcel of that id."""
    with create_app().app_context():
        begin_write()
        found = parcels.load(int(sys.argv[1]))
        assert found is not None
        handing_over.hand_over(found[0], by=None)
        db.session.commit()
