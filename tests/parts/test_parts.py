"""Each server part does what the tests of the desk will rely on."""

from __future__ import annotations

import os
import socket
import ssl
import stat
from pathlib import Path

import psycopg
import pytest
import redis
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from tests.parts.dovecot import Dovecot
from tests.parts.fixtures import missing
from tests.parts.postgres import PostgresServer
from tests.parts.process import PartFailed, Server, check_socket_path
from tests.parts.tls import LittleAuthority
from tests.parts.valkey import ValkeyServer

MAIL = b"From: ann@shop.example\r\nSubject: Where is it?\r\n\r\nCaf\xe9 \x00 ..\r\n.dot\r\n"


def plain(url: str) -> str:
    """A SQLAlchemy address in the form of psycopg."""
    return url.replace("postgresql+psycopg://", "postgresql://")


# -- Valkey ---------------------------------------------------------------------------------------------------


def test_valkey_keeps_its_data_over_a_kill() -> None:
    with ValkeyServer() as server:  # one of its own: nobody else of this process writes to it or empties it
        server.client().set("answer", "42")
        server.kill()
        with pytest.raises(redis.ConnectionError):
            server.client().ping()
        server.start()
        assert server.client().get("answer") == b"42"


def test_valkey_is_closed_to_others_and_refuses_to_evict(valkey: ValkeyServer) -> None:
    assert stat.S_IMODE(valkey.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(valkey.socket.parent.stat().st_mode) == 0o700
    assert valkey.client().config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert valkey.client().config_get("port") == {"port": "0"}


def test_valkey_can_be_emptied_and_stopped(valkey: ValkeyServer) -> None:
    valkey.client().set("answer", "42")
    valkey.flush()
    assert valkey.client().dbsize() == 0
    valkey.stop()
    assert not valkey.running
    assert not [path for path in valkey.socket.parent.iterdir() if path == valkey.socket]


def test_valkey_leaves_no_folder_behind(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path) as server:
        socket_folder = server.socket.parent
    assert not socket_folder.exists()
    assert (tmp_path / "appendonlydir").is_dir()  # a folder that the caller gave is the caller's


# -- processes ------------------------------------------------------------------------------------------------


def test_a_socket_path_that_the_kernel_would_refuse_is_named() -> None:
    with pytest.raises(ValueError, match="socket path"):
        check_socket_path(Path("/tmp") / ("x" * 100))


def test_a_server_that_ends_while_starting_is_reported_with_its_words(tmp_path: Path) -> None:
    server = Server("broken", log=tmp_path / "log")
    server.spawn(["sh", "-c", "echo no such luck; exit 3"], cwd=tmp_path)
    with pytest.raises(PartFailed, match=r"ended with 3(.|\n)*no such luck"):
        server.wait_ready(lambda: False)


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_missing_part_skips_here_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    # Both are caught, or a wrong skip would skip this very test instead of failing it.
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception), match="install it") as raised:
        missing("install it")
    assert raised.type is outcome


# -- PostgreSQL -----------------------------------------------------------------------------------------------


def test_postgres_gives_a_fresh_database_at_every_call(postgres: PostgresServer) -> None:
    url = postgres.url_for("fresh")
    assert url.startswith("postgresql+psycopg://")
    with psycopg.connect(plain(url)) as connection:
        connection.execute("CREATE TABLE thing (id int)")
    with psycopg.connect(plain(postgres.url_for("fresh"))) as connection:
        assert connection.execute("SELECT to_regclass('thing')").fetchone() == (None,)
    assert postgres.url_for() != postgres.url_for()


def test_postgres_copies_a_template(postgres: PostgresServer) -> None:
    with psycopg.connect(plain(postgres.create("model"))) as connection:
        connection.execute("CREATE TABLE thing AS SELECT 7 AS id")
    with psycopg.connect(plain(postgres.create("copy", template="model"))) as connection:
        assert connection.execute("SELECT id FROM thing").fetchone() == (7,)


def test_postgres_drops_a_database_that_somebody_is_connected_to(postgres: PostgresServer) -> None:
    url = postgres.create("busy")
    with psycopg.connect(plain(url)) as connection:
        postgres.drop("busy")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(plain(url))


def test_postgres_keeps_what_was_committed_over_a_kill(postgres: PostgresServer) -> None:
    if postgres.foreign:
        pytest.skip("the server of TEST_DATABASE_URL is not ours to kill")
    url = postgres.create("killed")
    with psycopg.connect(plain(url)) as connection:
        connection.execute("CREATE TABLE thing AS SELECT 7 AS id")
    connection = psycopg.connect(plain(url))  # still open when the server dies
    postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(url))
    postgres.start()
    with psycopg.connect(plain(url)) as again:
        assert again.execute("SELECT id FROM thing").fetchone() == (7,)
    connection.close()


def test_postgres_runs_as_a_plain_account_with_fsync_unless_told(postgres: PostgresServer) -> None:
    if postgres.foreign:
        pytest.skip("the server of TEST_DATABASE_URL is set up by others")
    with psycopg.connect(plain(postgres.url_for())) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    assert Path(folder).stat().st_uid != 0
    assert Path(folder).stat().st_uid == os.geteuid() or os.geteuid() == 0
    assert PostgresServer().durable


def test_postgres_uses_the_server_that_it_is_given(postgres: PostgresServer) -> None:
    given = postgres.url_for("given")
    with PostgresServer(url=given, names="guest_") as guest:
        url = guest.create("thing")
        with psycopg.connect(plain(url)) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("guest_thing",)
        guest.kill()  # not ours: nothing happens
        assert guest.running
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(plain(url))


# -- Dovecot --------------------------------------------------------------------------------------------------


def test_dovecot_gives_back_the_exact_bytes(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    mail = MAIL.replace(b"\x00", b"")  # IMAP has no way to append a NUL outside of BINARY
    assert [dovecot.deliver(user, mail), dovecot.deliver(user, b"Subject: b\r\n\r\nb\r\n")] == [1, 2]
    assert dovecot.messages(user) == [mail, b"Subject: b\r\n\r\nb\r\n"]
    assert dovecot.flags(user) == {1: set(), 2: set()}
    dovecot.empty(user)
    assert dovecot.messages(user) == []


def test_dovecot_wakes_an_idle_client(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    with dovecot.client(user) as client:
        assert {b"IDLE", b"CONDSTORE", b"UIDPLUS"} <= set(client.capabilities())
        client.select_folder("INBOX", readonly=True)
        client.idle()
        dovecot.deliver(user, MAIL.replace(b"\x00", b""))
        assert (1, b"EXISTS") in client.idle_check(timeout=30)
        client.idle_done()


def test_dovecot_shows_flags(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    uid = dovecot.deliver(user, b"Subject: a\r\n\r\na\r\n", "Old/2025")
    with dovecot.client(user) as client:
        client.select_folder("Old/2025")
        client.add_flags([uid], ["\\Seen"])
    assert dovecot.flags(user, "Old/2025") == {uid: {"\\Seen"}}
    assert "Old/2025" in dovecot.folders(user)


@pytest.mark.parametrize("folder", ["INBOX", "Old"])
def test_dovecot_changes_uidvalidity_and_keeps_the_mail(dovecot: Dovecot, folder: str) -> None:
    user = dovecot.new_user()
    dovecot.deliver(user, b"Subject: gone\r\n\r\na\r\n", folder)
    dovecot.empty(user, folder)
    uid = dovecot.deliver(user, b"Subject: a\r\n\r\na\r\n", folder)
    before = dovecot.uid_validity(user, folder)
    assert dovecot.reset_uid_validity(user, folder) > before
    assert dovecot.messages(user, folder) == [b"Subject: a\r\n\r\na\r\n"]
    assert list(dovecot.flags(user, folder)) == [1]
    assert uid == 2


def test_dovecot_cuts_connections_and_keeps_the_mail(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.deliver(user, b"Subject: a\r\n\r\na\r\n")
    for cut in (dovecot.kill, dovecot.restart):
        client = dovecot.client(user)
        client.select_folder("INBOX")
        cut()
        with pytest.raises((OSError, IMAPClientError)):
            client.noop()
        client.shutdown()
        if not dovecot.running:
            dovecot.start()
        assert dovecot.messages(user) == [b"Subject: a\r\n\r\na\r\n"]


def test_dovecot_is_verified_and_wants_the_password(dovecot: Dovecot) -> None:
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        socket.create_connection((dovecot.host, dovecot.imaps_port)) as connection,
    ):
        ssl.create_default_context().wrap_socket(connection, server_hostname=dovecot.host)
    bare = IMAPClient(dovecot.host, port=dovecot.imap_port, ssl=False)
    bare.starttls(dovecot.authority.client_context())
    with pytest.raises(LoginError):
        bare.login("help", "wrong")
    bare.login("help", dovecot.users["help"])
    bare.logout()


def test_dovecot_takes_a_new_password(dovecot: Dovecot) -> None:
    dovecot.add_user("zoe", "first")
    dovecot.add_user("zoe", "second")
    assert dovecot.messages("zoe") == []


# -- certificates ---------------------------------------------------------------------------------------------


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    authority = LittleAuthority(tmp_path)
    wrong = authority.issue("wrong", hosts=["elsewhere.example"])
    assert stat.S_IMODE(wrong.key_file.stat().st_mode) == 0o600
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _handshake(wrong.server_context(), authority.client_context())
    right = authority.issue("right")
    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(right.server_context(), ssl.create_default_context())
    _handshake(right.server_context(), authority.client_context())


def _handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """Let two contexts shake hands in memory."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="localhost"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    waiting = list(ends)
    while waiting:
        end = waiting.pop(0)
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(end)
