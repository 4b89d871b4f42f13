"""The command line: it teaches, and every mistake gets one line."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from checkout_desk import cli
from checkout_desk.config import SETTINGS
from tests.parts.valkey import ValkeyServer

MAIL = b"From: Anna <anna@example.com>\r\nTo: shop@example.org\r\nSubject: Mugs\r\nMessage-ID: <1@example.com>\r\n\r\nTwo, please.\r\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A desk's folder, with nothing else of this machine's settings."""
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    folder = tmp_path / "h"
    monkeypatch.setenv("DESK_HOME", str(folder))
    monkeypatch.setenv("DESK_DISK_RESERVE", "1M")
    before = os.umask(0o077)
    yield folder
    os.umask(before)


def commands(group: click.Group = cli.desk, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        yield f"{prefix}{name}", command


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*name.split(), "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: checkout-desk {name}")


@pytest.mark.parametrize(
    "name", ["up", "demo", "import", "doctor", "seed", "records verify", "web", "mailbox"]
)
def test_help_teaches_by_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run([*name.split(), "--help"])
    text = capsys.readouterr().out
    assert "Example" in text
    assert f"checkout-desk {name}" in text.partition("Example")[2]


def test_the_help_names_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["--help"])
    text = capsys.readouterr().out
    assert [setting.name for setting in SETTINGS if setting.name not in text] == []


def test_help_loads_nothing_heavy() -> None:
    """`--help` is the first thing that people try; and an import kept late stays late."""
    script = (
        "import sys\nfrom checkout_desk import cli\ncli.run(['--help'])\n"
        "print([m for m in ('flask', 'sqlalchemy', 'rq', 'asyncio') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("DESK_MAX_MAIL", "lots", "'lots' cannot be used; expected a size such as 50M or 1G."),
        ("DESK_LISTEN", "8000", "'8000' cannot be used; expected host:port, such as 127.0.0.1:8000."),
        (
            "DATABASE_URL",
            "mysql://db/desk",
            "expected sqlite:///path or postgresql://user:password@host/name.",
        ),
        ("DESK_HOME", "/dev/null/desk", "'/dev/null/desk' cannot be made (Not a directory)."),
        ("DESK_LOG", "loud", "expected debug, info, warning or error."),
    ],
)
@pytest.mark.parametrize("command", ["up", "web", "doctor", "migrate", "records verify"])
def test_a_wrong_setting_is_one_clear_line(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    command: str,
    setting: str,
    value: str,
    words: str,
) -> None:
    monkeypatch.setenv(setting, value)
    assert cli.run(command.split()) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith(f"checkout-desk: {setting}: ")
    assert words in said.err


def test_a_password_in_a_wrong_address_is_not_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://desk:secret@db/desk")
    assert cli.run(["doctor"]) == 2
    assert "secret" not in capsys.readouterr().err


def test_a_mistake_in_the_arguments_says_which(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["seed", "--conversations", "many"]) == 2
    assert "'many' is not a valid integer" in capsys.readouterr().err


def test_import_prints_one_json_line_a_mail_and_knows_copies(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes(MAIL)
    assert cli.run(["import", str(mail), str(mail)]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["file"] == second["file"] == str(mail)
    assert (first["outcome"], second["outcome"]) == ("stored", "duplicate")
    assert first["conversation"] == second["conversation"] is not None


def test_import_of_later_leaves_understanding_to_the_workers(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes(MAIL)
    assert cli.run(["import", "--later", str(mail)]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(mail),
        "outcome": "stored",
        "conversation": None,
    }


def test_import_of_a_missing_file_goes_on_with_the_next(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes(MAIL)
    assert cli.run(["import", str(tmp_path / "none.eml"), str(mail)]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["outcome"] == "stored"
    assert said.err.startswith(f"checkout-desk: {tmp_path}/none.eml cannot be read (No such file")


def test_a_mail_server_that_pipes_keeps_its_mail_while_the_desk_cannot_store(home: Path) -> None:
    full = subprocess.run(
        [sys.executable, "-m", "checkout_desk.cli", "import", "-"],
        input=MAIL,
        capture_output=True,
        env={**os.environ, "DESK_DISK_RESERVE": "900000G"},
    )
    assert full.returncode == 75
    assert full.stdout == b""
    assert b"try again later" in full.stderr
    assert b"Traceback" not in full.stderr
    down = subprocess.run(
        [sys.executable, "-m", "checkout_desk.cli", "import", "-"],
        input=MAIL,
        capture_output=True,
        env={**os.environ, "DATABASE_URL": "postgresql://desk@127.0.0.1:1/desk"},
    )
    assert down.returncode == 75
    assert b"Traceback" not in down.stderr


def test_seed_says_what_it_made(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["seed", "--conversations", "7"]) == 0
    assert capsys.readouterr().out.startswith("7 conversations with ")


def doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, list[dict[str, object]]]]:
    code = cli.run(["doctor", "--json"])
    found: dict[str, list[dict[str, object]]] = {}
    for line in capsys.readouterr().out.splitlines():
        finding = json.loads(line)
        found.setdefault(finding["check"], []).append(finding)
    return code, found


def faults(found: dict[str, list[dict[str, object]]]) -> set[str]:
    return {check for check, findings in found.items() if not all(finding["ok"] for finding in findings)}


@pytest.fixture
def healthy(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Path]:
    """A desk with a database, a queue, and a worker that was heard of just now."""
    from rq.worker import Worker

    with ValkeyServer() as server:
        monkeypatch.setenv("REDIS_URL", server.url)
        assert cli.run(["migrate"]) == 0
        capsys.readouterr()
        worker = Worker(["in"], connection=server.client())
        worker.register_birth()
        yield home


def test_the_doctor_finds_a_well_desk_well(healthy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = doctor(capsys)
    assert faults(found) == set(), found
    assert code == 0
    assert {
        "settings",
        "home",
        "disk",
        "database",
        "clock",
        "record",
        "counters",
        "mailboxes",
        "queue",
    } <= set(found)


def test_the_doctor_refuses_a_folder_that_others_can_read(
    healthy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy.chmod(0o755)
    code, found = doctor(capsys)
    assert (code, faults(found)) == (1, {"home"})
    assert f"chmod 700 '{healthy}'" in str(found["home"][0]["words"])


def test_the_doctor_finds_an_empty_database_and_a_silent_queue(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = doctor(capsys)
    assert (code, faults(found)) == (1, {"database", "queue"})
    assert "checkout-desk migrate" in str(found["database"][0]["words"])


def test_the_doctor_finds_a_full_disk(
    healthy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DESK_DISK_RESERVE", "900000G")
    code, found = doctor(capsys)
    assert (code, faults(found)) == (1, {"disk"})


def test_the_doctor_finds_a_changed_record_and_wrong_counters(
    healthy: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import sqlite3

    mail = tmp_path / "a.eml"
    mail.write_bytes(MAIL)
    assert cli.run(["import", str(mail)]) == 0
    capsys.readouterr()
    assert doctor(capsys)[0] == 0
    with sqlite3.connect(healthy / "desk.db") as database:
        database.execute("DROP TRIGGER event_no_update")
        database.execute("UPDATE event SET actor = 'person:99' WHERE id = 1")
        database.execute("UPDATE conversation_count SET n = n + 1")
    code, found = doctor(capsys)
    assert (code, faults(found)) == (1, {"record", "counters"})
    assert cli.run(["records", "verify"]) == 1
    assert "event 1" in capsys.readouterr().out


def test_the_record_of_an_older_database_is_not_called_broken(
    healthy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import sqlite3

    with sqlite3.connect(healthy / "desk.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    assert cli.run(["records", "verify"]) == 2
    said = capsys.readouterr()
    assert (said.out, "has version 0001" in said.err, "checkout-desk migrate" in said.err) == ("", True, True)


def test_the_doctor_finds_a_mail_server_that_does_not_answer(
    healthy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from checkout_desk import clock
    from checkout_desk.app import create_app
    from checkout_desk.extensions import begin_write, db
    from checkout_desk.mail.models import Mailbox

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody can be reached here
        with create_app().app_context():
            begin_write()
            db.session.add(
                Mailbox(
                    address="shop@example.org",
                    created_at=clock.now(),
                    smtp_host="127.0.0.1",
                    smtp_port=taken.getsockname()[1],
                )
            )
            db.session.commit()
        code, found = doctor(capsys)
    assert (code, faults(found)) == (1, {"mailboxes"})
    assert "SMTP 127.0.0.1" in str(found["mailboxes"][0]["words"])
