"""A step of shipping in a process of its own, which a test kills in the middle: `buy_once label 7`, `buy_once numbers 3`."""

from __future__ import annotations

import sys

from checkout_desk.app import create_app
from checkout_desk.shipping import buying, number_importing


def main() -> None:
    """Buy the label of a row, or go on with a list of tracking numbers."""
    what, row_id = sys.argv[1], int(sys.argv[2])
    with create_app().app_context():
        (buying.carry_out if what == "label" else number_importing.carry_on)(row_id)
