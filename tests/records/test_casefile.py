"""The case file of an order: what is in it, that it is the same twice, and that nothing can be done to it unseen."""

from __future__ import annotations

import hashlib
import html
import io
import json
import os
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.orders import loading
from checkout_desk.orders.models import Quote
from checkout_desk.payments.models import Allocation, Payment
from checkout_desk.records import casefile, checking, commands
from tests.builders import CARD
from tests.shipping.road import Road, told


@pytest.fixture
def number(road: Road) -> int:
    """An order whose parcel was delivered."""
    number, parcel_id = road.sent()
    road.says(
        parcel_id, told(3, "in_transit", "Scanned at the depot"), told(20, "delivered", "Left with Jane")
    )
    order = road.stage.seen(number)
    with road.shop.writing():
        quote = db.session.scalars(select(Quote).where(Quote.order_id == order.id)).one()
        money = {"amount_minor": quote.total_minor, "currency": quote.currency}
        payment = Payment(source="hand", source_ref="x", received_at=clock.now(), created_at=clock.now(),
                          allocated_minor=quote.total_minor, state="allocated", **money)  # fmt: skip
        db.session.add(payment)
        db.session.flush()
        db.session.add(
            Allocation(
                payment_id=payment.id, quote_id=quote.id, amount_minor=quote.total_minor, at=clock.now()
            )
        )
    return number


@pytest.fixture
def exported(road: Road, number: int, tmp_path: Path) -> Path:
    """Its ZIP."""
    return export(road, number, tmp_path / "order.zip")


def export(road: Road, number: int, path: Path, *, force: bool = False) -> Path:
    with road.shop.reading():
        order = loading.load(number)
        assert order is not None
        casefile.write_zip(order, path, force=force)
    return path


def inside(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def faults(path: Path) -> list[str]:
    return checking.check_zip(path).faults


def repacked(path: Path, change: Callable[[dict[str, bytes]], None], to: Path) -> Path:
    """The ZIP with some of its files changed."""
    files = inside(path)
    change(files)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return to


def test_everything_about_the_order_is_in_it(road: Road, number: int, exported: Path) -> None:
    files = inside(exported)
    document = json.loads(files["order.json"])
    assert (document["schema"], document["version"]) == ("checkout-desk/order", 1)
    assert document["order"]["number"] == number
    assert set(document["order"]["total"]) == {"minor", "currency"}
    assert document["order"]["created_at"].endswith("Z")
    (quote,), (parcel,), (payment,) = document["quotes"], document["shipments"], document["payments"]
    assert files[quote["file"]].startswith(b"%PDF")
    assert [scan["status"] for scan in parcel["tracking"]] == ["in_transit", "delivered"]
    assert payment["allocations"][0]["amount"] == quote["total"]
    for message in document["messages"]:
        if message["file"]:
            source = message["received"] or message["sent"]
            assert hashlib.sha256(files[message["file"]]).hexdigest() == source["sha256"]
    with road.shop.reading():
        of_order = (Event.subject_type == "order", Event.kind != "records.exported")
        about = db.session.scalars(select(Event.id).where(*of_order)).all()
    assert set(about) <= {event["id"] for event in document["events"]}
    page = files["timeline.html"].decode()
    assert "Left with Jane" in page and "<script" not in page
    assert document["messages"][0]["text"].split("\n")[0] in html.unescape(page)
    assert files["timeline.pdf"].startswith(b"%PDF")


def test_two_exports_differ_in_the_manifest_alone(
    road: Road, number: int, exported: Path, tmp_path: Path
) -> None:
    first, second = inside(exported), inside(export(road, number, tmp_path / "again.zip"))
    assert {name for name in first if first[name] != second.get(name)} == {"manifest.json"}
    one, two = json.loads(first["manifest.json"]), json.loads(second["manifest.json"])
    assert one.pop("exported") != two.pop("exported")
    assert one == two


def test_the_checker_inside_needs_nothing_but_python(exported: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported) as packed:
        packed.extractall(tmp_path / "out")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        script = [sys.executable, "-I", "-S", str(tmp_path / "out" / "verify.py"), *arguments]
        return subprocess.run(script, capture_output=True, text=True, check=False, env={})

    assert run().returncode == 0
    assert run(str(exported)).returncode == 0
    (tmp_path / "out" / "order.json").write_bytes(b"{}")
    bad = run()
    assert bad.returncode == 1
    assert "order.json was altered" in bad.stdout
    assert run(str(tmp_path / "nothing.zip")).returncode == 2


def test_an_altered_a_missing_and_an_added_file_are_named(exported: Path, tmp_path: Path) -> None:
    assert faults(exported) == []

    def alter(files: dict[str, bytes]) -> None:
        files["order.json"] = files["order.json"].replace(b"delivered", b"cancelled")
        files["timeline.html"] += b" "
        del files["verify.py"]
        files["mails/9999-in.eml"] = b"From: nobody\n\n"

    found = faults(repacked(exported, alter, tmp_path / "bad.zip"))
    assert len(found) == 4
    for words in (
        "verify.py is missing",
        "mails/9999-in.eml was added",
        "order.json was altered",
        "timeline.html was altered",
    ):
        assert any(words in fault for fault in found), (words, found)


def test_every_single_flipped_byte_is_seen(exported: Path, tmp_path: Path) -> None:
    data = bytearray(exported.read_bytes())
    bad = tmp_path / "bad.zip"
    for at in range(100, len(data) - 100, len(data) // 60):
        data[at] ^= 0x20
        bad.write_bytes(data)
        data[at] ^= 0x20
        try:
            unseen = not faults(bad)
        except checking.Refused:
            continue
        assert not unseen or same(bad, exported), f"byte {at}"


def same(one: Path, other: Path) -> bool:
    """A flipped byte may stand where it says nothing: in the time of a file."""
    try:
        return inside(one) == inside(other)
    except (zipfile.BadZipFile, NotImplementedError):
        return False


def test_the_record_knows_what_it_exported(road: Road, number: int, exported: Path, tmp_path: Path) -> None:
    with road.shop.reading():
        assert checking.against_record(checking.check_zip(exported)) == []

    def forge(files: dict[str, bytes]) -> None:
        files["timeline.html"] = b"<p>All was well</p>"
        manifest = json.loads(files["manifest.json"])
        manifest["files"]["timeline.html"] = {
            "sha256": hashlib.sha256(files["timeline.html"]).hexdigest(),
            "size": len(files["timeline.html"]),
        }
        files["manifest.json"] = json.dumps(manifest).encode()

    forged = repacked(exported, forge, tmp_path / "forged.zip")
    assert faults(forged) == [], "it agrees with itself"
    with road.shop.reading():
        assert "no export with this manifest" in checking.against_record(checking.check_zip(forged))[0]


def zip_of(path: Path, *members: tuple[Any, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members:
            packed.writestr(name, data)
    return path


def manifest(**files: dict[str, Any]) -> bytes:
    return json.dumps({"format": "checkout-desk/order-file", "version": 1, "files": files}).encode()


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("passwd")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("../evil", b"x")], "leads out of its folder"),
        ([("a/../../evil", b"x")], "leads out of its folder"),
        ([("/etc/passwd", b"x")], "another place"),
        ([("..\\evil", b"x")], "another place"),
        ([("C:evil", b"x")], "another place"),
        ([("a\nb", b"x")], "control characters"),
        ([("folder/", b"")], "leads out of its folder"),
        ([(link(), b"/etc/passwd")], "a link"),
        ([("a", b"1"), ("a", b"2")], "twice"),
        ([("a", b"1"), ("A", b"2")], "twice"),
        ([("big", b"\0" * 40_000_000)], "far larger"),
        ([("other", b"x")], "has no manifest.json"),
        ([("manifest.json", b"\xff")], "not JSON"),
        ([("manifest.json", b"[" * 100_000)], "not JSON"),
        ([("manifest.json", b"{}")], "something else"),
        ([("manifest.json", manifest(**{"../x": {"sha256": "0" * 64, "size": 1}}))], "damaged"),
        ([("manifest.json", manifest(x={"sha256": "0", "size": -1}))], "damaged"),
        ([("manifest.json", manifest(x={"sha256": 5}))], "damaged"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_zip_is_refused_with_a_sentence(members: list[Any], words: str, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "hostile.zip", *members)
    with pytest.raises(checking.Refused, match=words):
        checking.check_zip(path)


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_bytes(b"not a zip")
    (tmp_path / "empty.zip").write_bytes(b"")
    (tmp_path / "end.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    for name in ("text.zip", "empty.zip", "end.zip", "none.zip"):
        with pytest.raises(checking.Refused):
            checking.check_zip(tmp_path / name)


def test_a_declared_size_that_lies_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = zip_of(
        tmp_path / "lie.zip",
        ("manifest.json", manifest(x={"sha256": "0" * 64, "size": 3})),
        ("x", b"y" * 5000),
    )
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 3)
    path.write_bytes(data)
    assert any("x was altered" in fault for fault in faults(path))


def test_bytes_beside_the_files_are_seen(exported: Path, tmp_path: Path) -> None:
    before, behind = tmp_path / "before.zip", tmp_path / "behind.zip"
    before.write_bytes(b"#!/bin/sh\n" + exported.read_bytes())
    assert "belong to none" in faults(before)[0]
    hidden = io.BytesIO(exported.read_bytes())
    with zipfile.ZipFile(hidden, "a") as packed:
        packed.comment = b"more"
    behind.write_bytes(hidden.getvalue())
    assert "belong to none" in faults(behind)[0]


def test_a_card_number_stays_on_the_desk(road: Road, number: int, tmp_path: Path) -> None:
    conversation = road.stage.seen(number).conversation_id
    assert conversation is not None
    with road.shop.reading():
        address = road.shop.reply_address(conversation)
    road.shop.take(
        text=f"My card is {CARD}, take the money.",
        to=address,
        envelope_to=address,
        sender="Jane Fox <jane@customer.example>",
    )
    files = inside(export(road, number, tmp_path / "card.zip"))
    assert json.loads(files["manifest.json"])["withheld"][0]["why"].startswith("holds a card number")
    bare = CARD.replace(" ", "").encode()
    for name, data in files.items():
        assert bare not in data and CARD.encode() not in data, name
    document = json.loads(files["order.json"])
    held = [m for m in document["messages"] if "take the money" in m["text"]]
    assert len(held) == 1 and held[0]["file"] is None
    assert b"take the money" in files[held[0]["rendered"]]


def test_it_is_written_whole_or_not_at_all(
    road: Road, number: int, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = exported.read_bytes()
    with pytest.raises(casefile.Exists):
        export(road, number, exported)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        export(road, number, exported, force=True)
    monkeypatch.undo()
    assert exported.read_bytes() == before
    assert [one.name for one in exported.parent.glob(".*.zip*")] == []
    export(road, number, exported, force=True)
    assert exported.read_bytes() != before


def test_the_commands_say_it_in_a_line(road: Road, number: int, exported: Path, tmp_path: Path) -> None:
    said: list[str] = []

    def complain(words: str, code: int) -> int:
        said.append(words)
        return code

    def run(what: Callable[..., int], *a: Any, **k: Any) -> tuple[int, str]:
        said.clear()
        return what(*a, **k, say=said.append, complain=complain), "\n".join(said)

    app = road.shop.app
    assert run(commands.export, app, 9999, str(tmp_path / "x.zip"), force=False) == (
        1,
        "there is no order 9999",
    )
    code, words = run(commands.export, app, number, str(exported), force=False)
    assert code == 2 and "exists already" in words
    code, words = run(commands.export, app, number, str(tmp_path / "no" / "x.zip"), force=False)
    assert code == 2 and "cannot be written" in words
    code, words = run(commands.check_zip, str(exported), record_of=lambda: app)
    assert code == 0 and "This desk's record knows this export." in words
    assert run(commands.check_zip, str(tmp_path / "none.zip"), record_of=None)[0] == 2
    said.clear()
    assert commands.check_chain(app, say=said.append) == 0
