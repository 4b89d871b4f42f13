"""One step of a payment in a process of its own, which a test kills in the middle; what it needs stands on stdin as JSON.

`hook` posts an event to the desk's own door, `understand` finds out what an event means, `page` makes a page to pay on,
`refund` asks the provider for money back.
"""

from __future__ import annotations

import json
import sys

from checkout_desk.app import create_app
from checkout_desk.lifecycle import Refused
from checkout_desk.payments import linking, refunding_job, understanding


def main() -> int:
    """Do the step; the exit code is 0 where it was done."""
    told = json.load(sys.stdin)
    app = create_app()
    if sys.argv[1] == "hook":
        with app.test_client() as client:
            answer = client.post(told["path"], data=told["body"].encode(), headers=told["headers"])
            return 0 if answer.status_code == 200 else 1
    with app.app_context():
        if sys.argv[1] == "understand":
            understanding.understand(told["event"])
            return 0
        if sys.argv[1] == "refund":
            refunding_job.send(told["refund"])
            return 0
        try:
            linking.pay_page(told["quote"], told["method"], back="http://localhost/")
        except Refused:
            return 1
    return 0
