"""Blobs in a bucket hold what blobs in a folder hold, through the whole way of a mail and through a backup."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from checkout_desk import cli, migrating, orphans
from checkout_desk.app import create_app
from checkout_desk.backup import making, restoring
from checkout_desk.buckets import S3Blobs
from checkout_desk.config import ConfigError
from checkout_desk.mail.models import RawMail
from checkout_desk.storage import NoSpace
from tests.builders import CARD, Shop, mail
from tests.once import exit_code

SECRET = "a-secret-of-the-bucket-3141"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Something that speaks as S3 does."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield "http://{}:{}".format(*running.get_host_and_port())
    running.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The address of an empty bucket; credentials stand in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-desk")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    name = "b" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]
    boto3.client("s3", endpoint_url=server).create_bucket(Bucket=name)
    return f"s3://{name}/desk?endpoint={server}"


@pytest.fixture
def store(bucket: str) -> S3Blobs:
    return S3Blobs(bucket, keys=["x" * 43 + "="])


@pytest.fixture
def environment(bucket: str, tmp_path: Path) -> dict[str, str]:
    return {
        "DESK_HOME": str(tmp_path / "home"),
        "REDIS_URL": "unix:///nonexistent",
        "BLOB_URL": bucket,
        "DESK_DISK_RESERVE": "0",
    }


@pytest.fixture
def shop(environment: dict[str, str]) -> Shop:
    app = create_app(environment=environment)
    migrating.upgrade(app)
    return Shop(app)


def objects(store: S3Blobs) -> list[str]:
    """What the bucket holds."""
    return [entry["Key"] for entry in store._s3().list_objects_v2(Bucket=store._bucket).get("Contents", ())]


def test_what_is_put_is_there(store: S3Blobs) -> None:
    digest = store.put(b"a mail")
    assert digest == hashlib.sha256(b"a mail").hexdigest()
    assert store.put(b"a mail") == digest
    assert objects(store) == [f"desk/{digest[:2]}/{digest}"]
    assert store.get(digest) == b"a mail"
    assert store.exists(digest) and not store.sealed(digest)
    assert list(store.names()) == [digest]
    assert time.time() - store.last_put(digest) < 60
    store.delete(digest)
    store.delete(digest)
    assert not store.exists(digest)
    with pytest.raises(FileNotFoundError):
        store.get(digest)
    assert store.last_put(digest) == float("inf")


def test_a_sealed_blob_stays_sealed(store: S3Blobs) -> None:
    digest = store.put(b"4111 1111 1111 1111")
    store.seal(digest)
    store.seal(digest)
    store.put(b"4111 1111 1111 1111")
    (name,) = objects(store)
    assert name.endswith(".sealed")
    raw = store._s3().get_object(Bucket=store._bucket, Key=name)["Body"].read()
    assert b"4111" not in raw
    assert store.get(digest) == b"4111 1111 1111 1111"
    assert list(store.names()) == [digest]


def test_an_orphan_goes_aside_first_and_is_found_there(store: S3Blobs) -> None:
    digest = store.put(b"orphan")
    assert not store.discard(digest, before=time.time() - 3600)
    assert store.discard(digest, before=time.time() + 60)
    assert store.get(digest) == b"orphan"  # whoever put it at that very moment has lost nothing
    assert list(store.names()) == [digest]
    assert store.discard(digest, before=time.time() + 60)
    assert objects(store) == []


def test_a_bucket_that_does_not_answer_refuses_the_mail(server: str, bucket: str) -> None:
    del bucket  # for its credentials
    gone = S3Blobs(f"s3://nowhere-at-all/desk?endpoint={server}", keys=["x" * 43 + "="])
    with pytest.raises(NoSpace, match="NoSuchBucket"):
        gone.put(b"a mail")
    unheard = S3Blobs("s3://b/desk?endpoint=http://127.0.0.1:9", keys=["x" * 43 + "="])
    with pytest.raises(NoSpace, match="EndpointConnectionError"):
        unheard.put(b"a mail")
    with pytest.raises(OSError, match="did not take part"):
        unheard.get("0" * 64)


def test_a_mail_goes_its_whole_way(
    shop: Shop, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    taken = shop.take(
        text=f"My card is {CARD}", files=[("list.csv", "text/csv", b"sku,quantity\r\nMUG-BLU,2\r\n")]
    )
    assert shop.take_in(taken.raw).conversation == taken.conversation
    raw = shop.all(RawMail)[0]
    store = shop.app.extensions["desk_blobs"]
    assert store.sealed(raw.sha256)
    sent = shop.deliver(shop.reply(taken.conversation, "They are on their way."))
    assert sent.state == "sent"
    assert b"on their way" in shop.bytes_of(sent)
    with shop.reading():
        assert orphans.sweep() == 0
    shop.sound()
    said = caplog.text + "".join(capfd.readouterr())
    assert SECRET not in said


def test_a_backup_holds_the_bucket_and_fills_another(
    shop: Shop, environment: dict[str, str], tmp_path: Path, server: str
) -> None:
    taken = shop.take(text="Hello")
    shop.take(text=f"My card is {CARD}", subject="Card")
    file = tmp_path / "desk.backup"
    making.make(shop.app, file)
    store = shop.app.extensions["desk_blobs"]
    before = {name: store.get(name) for name in store.names()}
    boto3.client("s3", endpoint_url=server).create_bucket(Bucket="another")
    there = environment | {
        "DESK_HOME": str(tmp_path / "new"),
        "BLOB_URL": f"s3://another/x?endpoint={server}",
    }
    assert restoring.verify(file, environment=there).faults == []
    restoring.restore(file, environment=there)
    shop.app = create_app(environment=there)
    store = shop.app.extensions["desk_blobs"]
    assert {name: store.get(name) for name in store.names()} == before
    assert shop.message(taken.message).conversation_id == taken.conversation
    shop.take(mail("One more"))
    shop.sound()


def test_killed_between_two_buckets_nothing_is_half_there(
    shop: Shop, environment: dict[str, str], tmp_path: Path, server: str
) -> None:
    """kill -9 while a bucket is read into a file, and while that file fills another bucket; both are done again."""
    shop.take(text="Hello")
    boto3.client("s3", endpoint_url=server).create_bucket(Bucket="killed")
    file, faults, there = tmp_path / "desk.backup", tmp_path / "faults", f"s3://killed/x?endpoint={server}"
    faults.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "TMPDIR") or name.startswith("AWS_")
    }
    told = {**kept, **environment, "DESK_SANDBOX": "yes", "DESK_FAULTS": str(faults)}
    new = told | {"DESK_HOME": str(tmp_path / "new"), "BLOB_URL": there}
    words: tuple[str, ...]
    for step, where, words in (
        ("backup.before_sync", told, ("backup", str(file))),
        ("restore.before_database", new, ("restore", str(file))),
    ):
        (faults / step).write_text("kill")
        assert exit_code(cli.main, *words, environment=where) == -signal.SIGKILL
        assert (faults / f"{step}.reached").exists()
        if step.startswith("backup"):
            assert not file.exists()
        else:
            words = (*words, "--force") if (tmp_path / "new" / "desk.db").exists() else words
        assert exit_code(cli.main, *words, environment=where) == 0
    store = shop.app.extensions["desk_blobs"]
    before = {name: store.get(name) for name in store.names()}
    shop.app = create_app(environment=environment | {"DESK_HOME": str(tmp_path / "new"), "BLOB_URL": there})
    store = shop.app.extensions["desk_blobs"]
    assert {name: store.get(name) for name in store.names()} == before
    assert len(shop.all(RawMail)) == 1
    shop.sound()


def test_without_boto3_one_line_says_what_to_install(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec

    def find(name: str, *rest: Any) -> Any:
        return None if name == "boto3" else real(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    with pytest.raises(ConfigError, match=r"checkout-desk\[s3\]"):
        create_app(environment=environment)
