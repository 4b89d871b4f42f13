"""What can come of handing a mail over: three outcomes, because only one of them may be repeated freely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one recipient was refused. `code` is the server's, 0 when it did not come so far."""

    permanent: bool
    code: int
    words: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the mail for every recipient that is not in `refused`."""

    words: str
    refused: Mapping[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The mail certainly did not leave. `permanent` only if so for every recipient; `refused` names each."""

    permanent: bool
    code: int
    words: str
    refused: Mapping[str, Refusal]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The whole mail was handed over and no usable answer came: it may have been delivered."""

    words: str
    refused: Mapping[str, Refusal] = field(default_factory=dict)


Result = Sent | Refused | Unknown
