"""One importing process, started by the rows: waits for a line on standard input, imports, prints figures as JSON.

`python -m bench.importer MBOX [--parse]`: with `--parse` the standard library parses the same mails instead, fully.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections import Counter
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from flask import Flask

from checkout_desk import taking
from checkout_desk.app import create_app
from checkout_desk.mail.importing import split_mbox


def parse_all(mails: list[bytes]) -> float:
    """Seconds that the standard library takes for every header and body of the mails."""
    began = time.perf_counter()
    for mail in mails:
        message = message_from_bytes(mail, policy=default)
        for _, value in message.items():
            str(value)
        body = message.get_body(("plain", "html"))
        if body is not None:
            body.get_content()
        list(message.iter_attachments())
    return time.perf_counter() - began


def import_all(app: Flask, path: str) -> tuple[float, Counter[str]]:
    """Seconds that `checkout-desk import` takes for the file once the desk is loaded; and what became of the mails."""
    printed, ours = io.StringIO(), sys.stdout
    sys.stdout = printed
    try:
        began = time.perf_counter()
        code = taking.take(lambda: app, [path], later=False)
        seconds = time.perf_counter() - began
    finally:
        sys.stdout = ours
    if code:
        raise SystemExit(code)
    return seconds, Counter(json.loads(line)["outcome"] for line in printed.getvalue().splitlines())


def main() -> None:
    with Path(sys.argv[1]).open("rb") as source:
        mails = list(split_mbox(source))
    app = create_app()
    print("ready", flush=True)
    sys.stdin.readline()
    if "--parse" in sys.argv:
        print(json.dumps({"mails": len(mails), "seconds": parse_all(mails)}), flush=True)
        return
    seconds, outcomes = import_all(app, sys.argv[1])
    print(json.dumps({"mails": len(mails), "seconds": seconds, "outcomes": outcomes}), flush=True)


if __name__ == "__main__":
    main()
