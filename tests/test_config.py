"""Settings: each wrong value is refused by name, and what is documented is what is read."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from checkout_desk.config import DEFAULTS, SETTINGS, ConfigError, ensure_home, key_file, read

OPERATIONS = Path(__file__).parent.parent / "docs" / "operations.md"


def test_without_any_setting_everything_lives_in_the_home() -> None:
    values = read({})
    home = values["DESK_HOME"]
    assert home == Path("instance").absolute()
    assert values["DATABASE_URL"] == f"sqlite:///{home}/desk.db"
    assert values["REDIS_URL"] == f"unix://{home}/valkey.sock"
    assert values["BLOB_URL"] == home / "blobs"


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        ("127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("0.0.0.0:9000", "http://127.0.0.1:9000"),
        ("[::]:80", "http://[::1]:80"),
    ],
)
def test_the_address_follows_the_port_unless_it_is_set(listen: str, url: str) -> None:
    assert read({"DESK_LISTEN": listen})["DESK_URL"] == url
    assert read({"DESK_LISTEN": listen, "DESK_URL": "https://a.example"})["DESK_URL"] == "https://a.example"


def test_an_empty_value_counts_as_not_set() -> None:
    assert read(dict.fromkeys((setting.name for setting in SETTINGS), "")) == read({})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_URL", "postgres://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        ("DATABASE_URL", "postgresql://h/n", "postgresql+psycopg://h/n"),
        ("DESK_MAX_MAIL", "10k", 10 * 1024),
        ("DESK_MAX_MAIL", "2 MiB", 2 * 1024**2),
        ("DESK_LISTEN", "[::1]:80", ("::1", 80)),
        ("DESK_LMTP_LISTEN", "127.0.0.1:2424", ("127.0.0.1", 2424)),
        ("DESK_URL", "https://desk.example.com/", "https://desk.example.com"),
        ("DESK_SANDBOX", "on", True),
        ("BLOB_URL", "file:///srv/blobs", Path("/srv/blobs")),
    ],
)
def test_values_are_read(name: str, value: str, expected: object) -> None:
    assert read({name: value})[name] == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "oracle://x"),
        ("REDIS_URL", "http://x"),
        ("BLOB_URL", "s3://"),
        ("BLOB_URL", "s3://key:word@bucket"),
        ("BLOB_URL", "ftp://bucket"),
        ("DESK_URL", "desk.example.com"),
        ("DESK_URL", "https://desk.example.com/path"),
        ("DESK_LISTEN", ":8000"),
        ("DESK_LISTEN", "localhost:99999"),
        ("DESK_LMTP_LISTEN", "2424"),
        ("DESK_SECRET_KEY", "short"),
        ("DESK_PROXIES", "-1"),
        ("DESK_WORKERS", "²"),
        ("DESK_MAX_MAIL", "1e9"),
        ("DESK_SANDBOX", "maybe"),
        ("DESK_LOG", "loud"),
        ("DESK_HOME", "/" + "long/" * 30),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read({name: value})
    assert str(refused.value).startswith(f"{name}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"), [("DESK_SECRET_KEY", "hunter2"), ("DATABASE_URL", "oracle://u:hunter2@h/x")]
)
def test_a_secret_is_never_repeated(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read({name: value})
    assert "hunter2" not in str(refused.value)


def test_every_default_belongs_to_a_setting_and_can_be_read() -> None:
    assert set(DEFAULTS) <= {setting.name for setting in SETTINGS}
    read(DEFAULTS)


def test_the_home_and_its_keys_are_private_and_made_once(tmp_path: Path) -> None:
    home = tmp_path / "h"
    ensure_home(home)
    first = key_file(home, "secret", lambda: "one")
    assert (first, key_file(home, "secret", lambda: "two")) == ("one", "one")
    assert stat.S_IMODE(home.stat().st_mode) == stat.S_IMODE((home / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "keys" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (home / "keys").iterdir()] == ["secret"]


def test_operations_documents_every_setting_as_it_is() -> None:
    documented = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", OPERATIONS.read_text(), re.MULTILINE)
    assert documented == [(s.name, s.meaning, s.default or "none") for s in SETTINGS]
