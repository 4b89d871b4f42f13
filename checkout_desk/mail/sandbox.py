"""Where mail goes in the sandbox: into a folder instead of the world."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from checkout_desk.mail.results import Refused, Result, Sent
from checkout_desk.mail.smtp import StoredMessage

WORDS = "kept in the sandbox"


def keep(message: StoredMessage, *, folder: Path, name: str, before_data: Callable[[], None]) -> Result:
    """Write the mail as `folder`/`name`.eml, whole or not at all and durably; the same name is the same mail."""
    before_data()
    try:
        _write(message, folder, name)
    except OSError as fault:
        return Refused(False, 0, f"The sandbox could not keep the mail: {fault.strerror}.", {})
    return Sent(WORDS)


def _write(message: StoredMessage, folder: Path, name: str) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft, target = folder / f".{name}.part", folder / f"{name}.eml"
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(message.data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
