"""Templates stay compiled between two starts, beside their sources, as Python keeps its own modules.

A process compiled each template at its first use: two thirds of the time of its first page. Who may write these files may
change the sources as well; where nobody may, everything is compiled as before.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache


class CompiledTemplates(BytecodeCache):
    """One file a template in `folder`. Jinja compares the source's checksum; other versions have files of their own."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first template is kept."""
        self.folder = folder
        self._ending = f".{sys.implementation.cache_tag}.jinja-{jinja2.__version__}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill `bucket` with what is kept, if anything is; what is damaged or of another source counts as nothing."""
        with contextlib.suppress(OSError), self._path(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, unless Python was told to keep nothing; a full or closed disk costs only the next start."""
        if sys.dont_write_bytecode:
            return
        path = self._path(bucket)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            self.folder.mkdir(exist_ok=True)
            with draft.open("wb") as file:
                bucket.write_bytecode(file)
            os.replace(draft, path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _path(self, bucket: Bucket) -> Path:
        return self.folder / (bucket.key + self._ending)
