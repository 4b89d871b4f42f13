"""One try to deliver a mail, in a process of its own that a test kills: `deliver_once 7`."""

from __future__ import annotations

import sys

from checkout_desk.app import create_app
from checkout_desk.mail.delivery import deliver


def main() -> None:
    """Try to deliver the mail of that id."""
    with create_app().app_context():
        deliver(int(sys.argv[1]))
