"""Pages and their versions: a change is a new version, says why, and asks the people whom it concerns to read it.

What changes something expects a writing transaction, records its event and leaves the commit to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.playbook.markdown import slug as slug_of
from checkout_desk.playbook.models import PlaybookPage, PlaybookReading, PlaybookVersion
from checkout_desk.playbook.standard import TITLES, words
from checkout_desk.settings.effective import one_at_a_time

MOST_TITLE, MOST_TEXT, MOST_REASON, MOST_PAGES = 120, 100_000, 300, 500


class Faulty(ValueError):
    """Words that cannot be saved; `fields` has the sentence of each field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a page. Without `at` it is the one that the desk came with."""

    number: int
    text: str
    reason: str
    asks: frozenset[str]
    at: datetime | None
    by_id: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its newest version; `row` is None for a standard page that nobody has touched."""

    slug: str
    title: str
    owner_id: int | None
    newest: Version
    row: PlaybookPage | None


def _version(row: PlaybookVersion) -> Version:
    return Version(row.number, row.text, row.reason, frozenset(row.asks), row.created_at, row.created_by_id)


def _first(slug: str) -> Version:
    return Version(1, words(slug), "", frozenset(), None, None)


def everything() -> list[Page]:
    """All pages, those that came with the desk first. One query."""
    newest = (
        select(PlaybookVersion.page_id, func.max(PlaybookVersion.number).label("number"))
        .group_by(PlaybookVersion.page_id)
        .subquery()
    )
    found = db.session.execute(
        select(PlaybookPage, PlaybookVersion)
        .outerjoin(newest, newest.c.page_id == PlaybookPage.id)
        .outerjoin(
            PlaybookVersion,
            (PlaybookVersion.page_id == PlaybookPage.id) & (PlaybookVersion.number == newest.c.number),
        )
        .order_by(func.lower(PlaybookPage.title))
        .limit(MOST_PAGES)
    ).all()
    rows = {page.slug: (page, version) for page, version in found}
    slugs = [*TITLES, *(slug for slug in rows if slug not in TITLES)]
    return [_page(slug, *rows.get(slug, (None, None))) for slug in slugs]


def _page(slug: str, row: PlaybookPage | None, newest: PlaybookVersion | None) -> Page:
    version = _version(newest) if newest else _first(slug)
    if row is None:
        return Page(slug, TITLES[slug], None, version, None)
    return Page(slug, row.title, row.owner_id, version, row)


def history(slug: str) -> tuple[Page, list[Version]] | None:
    """The page and its versions, newest first; None where there is no such page. At most two queries."""
    row = db.session.scalar(select(PlaybookPage).where(PlaybookPage.slug == slug))
    if row is None and slug not in TITLES:
        return None
    found = (
        db.session.scalars(
            select(PlaybookVersion)
            .where(PlaybookVersion.page_id == row.id)
            .order_by(PlaybookVersion.number.desc())
        ).all()
        if row
        else []
    )
    versions = [_version(one) for one in found]
    if slug in TITLES:
        versions.append(_first(slug))
    return _page(slug, row, found[0] if found else None), versions


def save(
    slug: str | None, *, title: str, text: str, reason: str, asks: Iterable[str], based_on: int, by: Person
) -> Page:
    """Publish a new version of a page, or (`slug` None) a new page. Who writes a version has read it.

    `based_on` is the number of the version that the writer began with: somebody else's newer one refuses the change.
    Raises Faulty with the sentence of each field, Refused where somebody was faster or nothing changed.
    """
    title, reason = " ".join(title.split()), " ".join(reason.split())
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"
    asked = frozenset(asks)
    one_at_a_time()
    if fields := _faults(slug, title=title, text=text, reason=reason, asks=asked):
        raise Faulty(fields)
    there = history(slug) if slug else None
    newest = there[0].newest.number if there else 0
    if newest != based_on:
        raise Refused(
            f"Somebody saved version {newest} while you wrote; compare, and put your words into that one."
        )
    if there and there[0].newest.text == text and there[0].title == title:
        raise Refused("Nothing is different from the version in use.")
    row = (there[0].row if there else None) or _new_row(slug or slug_of(title), title, by)
    row.title = title
    version = PlaybookVersion(
        page_id=row.id, number=newest + 1, text=text, reason=reason, asks=sorted(asked),
        created_at=clock.now(), created_by_id=by.id,
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    db.session.add(
        PlaybookReading(page_id=row.id, number=version.number, person_id=by.id, at=version.created_at)
    )
    record(
        "playbook.changed", about=row,
        after={"page": row.slug, "number": version.number, "reason": reason, "asks": sorted(asked)},
    )  # fmt: skip
    _recount()
    return _page(row.slug, row, version)


def _recount() -> int:
    """Keep what the rail shows each person: how many pages wait for them. Returns for how many that changed."""
    db.session.flush()
    wanted = [page for page in everything() if page.row is not None and page.newest.asks]
    done = {page.slug: set(readers(page)) for page in wanted}
    changed = 0
    for person in db.session.scalars(select(Person).where(Person.disabled_at.is_(None))):
        waits = sum(
            bool(page.newest.asks & person.roles) and person.id not in done[page.slug] for page in wanted
        )
        if person.to_read != waits:
            person.to_read, changed = waits, changed + 1
    return changed


def sweep() -> None:
    """The clock's part: whoever is new, or got another role since, is asked as well."""
    begin_write()
    _recount()
    db.session.commit()


def _faults(slug: str | None, *, title: str, text: str, reason: str, asks: frozenset[str]) -> dict[str, str]:
    fields = {}
    if not title or len(title) > MOST_TITLE:
        fields["title"] = f"A title has 1 to {MOST_TITLE} characters; this one has {len(title)}."
    elif slug is None and _taken(slug_of(title)):
        fields["title"] = (
            f"There is a page “{title}” already, or its address would be the same; name this one otherwise."
        )
    elif slug is None and not slug_of(title):
        fields["title"] = f"“{title}” has no letter that an address can have; add a word in Latin letters."
    if not text.strip() or len(text) > MOST_TEXT:
        fields["text"] = f"A page has 1 to {MOST_TEXT:,} characters; this one has {len(text.strip()):,}."
    if slug is not None and not reason:
        fields["reason"] = (
            "Say in a sentence what changed and why; those who are asked to read it see it first."
        )
    elif len(reason) > MOST_REASON:
        fields["reason"] = f"Say it in at most {MOST_REASON} characters; these are {len(reason)}."
    if unknown := asks - set(ROLES):
        fields["asks"] = f"“{min(unknown)}” is no role."
    return fields


def _taken(slug: str) -> bool:
    return slug in ("new", "links") or slug in TITLES or _row(slug) is not None


def _row(slug: str) -> PlaybookPage | None:
    found: PlaybookPage | None = db.session.scalar(select(PlaybookPage).where(PlaybookPage.slug == slug))
    return found


def _new_row(slug: str, title: str, by: Person | None) -> PlaybookPage:
    row = PlaybookPage(slug=slug, title=title, created_at=clock.now(), owner_id=by.id if by else None)
    db.session.add(row)
    db.session.flush()
    return row


def give(page: Page, owner: Person | None) -> None:
    """Make somebody the owner of a page, or nobody."""
    row = own_row(page)
    if row.owner_id != (owner.id if owner else None):
        record(
            "playbook.owner", about=row,
            before={"owner": row.owner_id}, after={"owner": owner.id if owner else None},
        )  # fmt: skip
        row.owner_id = owner.id if owner else None


def own_row(page: Page) -> PlaybookPage:
    """The page's row, made now for a standard page that had none."""
    one_at_a_time()
    return _row(page.slug) or _new_row(page.slug, page.title, None)


def confirm(page: Page, number: int, by: Person) -> bool:
    """`by` read that version; False where they had said so before. Raises Refused for another version than the newest."""
    if number != page.newest.number:
        raise Refused(f"Version {page.newest.number} is the newest by now; read that one.")
    row = own_row(page)
    if number in read_by(by, [row.id]).get(row.id, ()):
        return False
    db.session.add(PlaybookReading(page_id=row.id, number=number, person_id=by.id, at=clock.now()))
    record("playbook.read", about=row, after={"page": row.slug, "number": number})
    _recount()
    return True


def read_by(person: Person, page_ids: Sequence[int]) -> dict[int, set[int]]:
    """Of each page, the numbers of the versions that `person` confirmed. One query."""
    found: dict[int, set[int]] = {}
    for page_id, number in db.session.execute(
        select(PlaybookReading.page_id, PlaybookReading.number).where(
            PlaybookReading.person_id == person.id, PlaybookReading.page_id.in_(page_ids)
        )
    ):
        found.setdefault(page_id, set()).add(number)
    return found


def asked(page: Page, person: Person, read: Mapping[int, set[int]]) -> bool:
    """Whether `person` is asked to read the newest version and has not said so yet. `read`: see `read_by`."""
    if page.row is None or not page.newest.asks & person.roles:
        return False
    return page.newest.number not in read.get(page.row.id, ())


def readers(page: Page) -> dict[int, datetime]:
    """Who confirmed the newest version, and when. One query."""
    if page.row is None:
        return {}
    rows = db.session.execute(
        select(PlaybookReading.person_id, PlaybookReading.at).where(
            PlaybookReading.page_id == page.row.id, PlaybookReading.number == page.newest.number
        )
    )
    return {row.person_id: row.at for row in rows}
