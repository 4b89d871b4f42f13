"""Full-text search over messages, in the same database and transaction.

Both engines index text that was folded here (compatibility forms, case and marks off, Chinese, Japanese and Korean runs
as overlapping pairs), so they give the same answers. What a person types never reaches MATCH or to_tsquery: it is
folded to plain tokens first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import TextClause, text

from checkout_desk.extensions import db

COLUMNS = ("subject", "body", "addresses", "files")
WEIGHTS = dict(zip(COLUMNS, "ABCD", strict=True))
MAX_TERMS = 12
MAX_INDEXED = 200_000
"""characters of one message's body that are searchable"""
MAX_FOLDED = 450_000
"""bytes of them after folding: pairs and long scripts grow, and PostgreSQL refuses a tsvector of 1 MB"""
MAX_TOKEN = 500
"""characters of one word that is looked for; PostgreSQL refuses a query with a word of 2 kB"""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_CJK_RUN = re.compile(f"[{_CJK}]+")
_WORD = re.compile(r"\w+")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
"""where marks can stand: no ASCII character is one"""
_HAS_CJK = re.compile(f"[{_CJK}]")


def fold(value: str) -> str:
    """`value` as space-separated plain tokens: NFKD, casefolded, without marks, CJK runs as overlapping pairs."""
    if value.isascii():
        return " ".join(_WORD.findall(value.lower()))
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", value).casefold())
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", _FOREIGN.sub(_without_marks, folded))
        if _HAS_CJK.search(folded):
            folded = _CJK_RUN.sub(lambda run: " " + " ".join(_pairs(run[0])) + " ", folded)
    return " ".join(_WORD.findall(folded))


def _without_marks(run: re.Match[str]) -> str:
    return "".join(c for c in run[0] if not unicodedata.combining(c) or c in "\u3099\u309a")


def _pairs(run: str) -> Iterable[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]


_SQLITE_ADD = text(
    "INSERT INTO message_fts(rowid, subject, body, addresses, files) VALUES (:id, :subject, :body, :addresses, :files)"
)
_SQLITE_DROP = text(
    "INSERT INTO message_fts(message_fts, rowid, subject, body, addresses, files) "
    "VALUES ('delete', :id, :subject, :body, :addresses, :files)"
)
_POSTGRES_ADD = text(
    "INSERT INTO message_search (message_id, tsv) VALUES (:id, "
    "setweight(to_tsvector('simple', :subject), 'A') || setweight(to_tsvector('simple', :body), 'B') || "
    "setweight(to_tsvector('simple', :addresses), 'C') || setweight(to_tsvector('simple', :files), 'D')) "
    "ON CONFLICT (message_id) DO UPDATE SET tsv = excluded.tsv"
)


Entry = tuple[str, str, Sequence[str], Sequence[str]]
"""subject, body, addresses and file names of one message"""


def index(
    message_id: int, *, subject: str, body: str, addresses: Sequence[str], files: Sequence[str]
) -> None:
    """Make one message findable, in the present transaction."""
    connection = db.session.connection()
    add = _SQLITE_ADD if connection.dialect.name == "sqlite" else _POSTGRES_ADD
    connection.execute(add, _folded(message_id, subject, body, addresses, files))


def index_again(message_id: int, *, before: Entry, after: Entry) -> None:
    """Replace what a message can be found by. SQLite's index keeps no text of its own and must be told what it held."""
    if db.engine.dialect.name == "sqlite":
        db.session.execute(_SQLITE_DROP, _folded(message_id, *before))
    db.session.execute(_add(), _folded(message_id, *after))


def index_many(messages: Iterable[tuple[int, str, str, Sequence[str], Sequence[str]]]) -> None:
    """`index` for many at once: (message id, subject, body, addresses, files) of each."""
    rows = [_folded(*message) for message in messages]
    if rows:
        db.session.execute(_add(), rows)


def _add() -> TextClause:
    return _SQLITE_ADD if db.engine.dialect.name == "sqlite" else _POSTGRES_ADD


def _folded(
    message_id: int, subject: str, body: str, addresses: Sequence[str], files: Sequence[str]
) -> dict[str, object]:
    return {
        "id": message_id,
        "subject": fold(subject),
        "body": _bounded(fold(body[:MAX_INDEXED])),
        "addresses": fold(" ".join(addresses)),
        "files": fold(" ".join(files)),
    }


def _bounded(folded: str) -> str:
    """`folded` up to MAX_FOLDED bytes, without the word that the end would cut."""
    if len(folded) * 4 <= MAX_FOLDED or len(data := folded.encode()) <= MAX_FOLDED:
        return folded
    return data[:MAX_FOLDED].decode("utf-8", "ignore").rpartition(" ")[0]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: the folded tokens, the column they must stand in ('' = any), and whether they must be absent."""

    tokens: tuple[str, ...]
    column: str = ""
    absent: bool = False
    prefix: bool = False


def term(words: str, *, column: str = "", absent: bool = False, prefix: bool = False) -> Term | None:
    """A Term from what a person typed (one word or a quoted phrase); None when nothing searchable is left."""
    tokens = tuple(token[:MAX_TOKEN] for token in fold(words).split()[:MAX_TERMS])
    return Term(tokens, column, absent, prefix) if tokens else None


def find(terms: Sequence[Term], *, limit: int, before: int | None = None) -> list[int]:
    """Ids of the newest messages that hold all `terms`, newest first, at most `limit`, older than message `before`.

    At least one term must be a wanted one; otherwise the answer is empty.
    """
    terms = list(terms)[:MAX_TERMS]
    if not any(not t.absent for t in terms):
        return []
    top = before or 2**62
    if db.engine.dialect.name == "sqlite":
        rows = db.session.execute(_SQLITE_FIND, {"q": _match(terms), "top": top, "limit": limit})
        return [row[0] for row in rows]
    return _find_postgres(_tsquery(terms), top=top, limit=limit)


_SQLITE_FIND = text(
    "SELECT rowid FROM message_fts WHERE message_fts MATCH :q AND rowid < :top ORDER BY rowid DESC LIMIT :limit"
)


def _match(terms: Sequence[Term]) -> str:
    def one(t: Term) -> str:
        phrase = '"' + " ".join(t.tokens) + '"' + ("*" if t.prefix else "")
        return f"{{{t.column}}} : {phrase}" if t.column else phrase

    wanted = " AND ".join(f"({one(t)})" for t in terms if not t.absent)
    unwanted = " OR ".join(f"({one(t)})" for t in terms if t.absent)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _tsquery(terms: Sequence[Term]) -> str:
    def one(t: Term) -> str:
        mark = WEIGHTS.get(t.column, "")
        last = len(t.tokens) - 1
        words = [
            f"'{token}'"
            + (f":{'*' if t.prefix and i == last else ''}{mark}" if mark or (t.prefix and i == last) else "")
            for i, token in enumerate(t.tokens)
        ]
        return ("!" if t.absent else "") + "(" + " <-> ".join(words) + ")"

    return " & ".join(one(t) for t in terms)


RECENT = 4000
_POSTGRES_RECENT = text(
    "SELECT message_id FROM message_search WHERE message_id < :top "
    "AND message_id >= (SELECT coalesce(max(message_id), 0) FROM message_search WHERE message_id < :top) - :recent "
    "AND tsv @@ to_tsquery('simple', :q) ORDER BY message_id DESC LIMIT :limit"
)
_POSTGRES_ALL = text(
    "WITH hits AS MATERIALIZED (SELECT message_id FROM message_search WHERE tsv @@ to_tsquery('simple', :q)) "
    "SELECT message_id FROM hits WHERE message_id < :top ORDER BY message_id DESC LIMIT :limit"
)


def _find_postgres(query: str, *, top: int, limit: int) -> list[int]:
    """A common word fills the page from the newest messages; a rare one needs the whole index.

    Left alone, the planner walks the primary key backwards for both, which takes for ever on a rare word.
    """
    values = {"q": query, "top": top, "limit": limit, "recent": RECENT}
    rows = [row[0] for row in db.session.execute(_POSTGRES_RECENT, values)]
    if len(rows) == limit:
        return rows
    return [row[0] for row in db.session.execute(_POSTGRES_ALL, values)]
