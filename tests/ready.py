"""What every process of `tests.once` begins with: the whole desk imported, its addresses compiled, its tables mapped.

The process from which the steps are forked imports this; it opens no database and no connection.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory

from sqlalchemy.orm import configure_mappers

from checkout_desk.app import create_app
from tests.faults import buy_once, import_once, pay_once, quote_once, ship_once
from tests.mail import deliver_once, dying_desk
from tests.warm import keep_what_is_compiled

STEPS = (buy_once, import_once, pay_once, quote_once, ship_once, deliver_once, dying_desk)
"""where the steps are"""


def make_ready() -> None:
    """Let go of the first desk at once: what stays is what the next one would compile again."""
    keep_what_is_compiled()
    with TemporaryDirectory() as home:
        create_app(environment={"DESK_HOME": home, "REDIS_URL": "unix:///nonexistent"})
    configure_mappers()


make_ready()
