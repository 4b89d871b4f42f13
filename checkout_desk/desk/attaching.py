"""The files of a draft: taken from the form, and taken off again."""

from __future__ import annotations

import contextlib

from flask import request
from sqlalchemy import select

from checkout_desk.conversations import drafting, forwarding
from checkout_desk.conversations.models import Attachment, Draft
from checkout_desk.extensions import db
from checkout_desk.mail.filenames import clean_filename
from checkout_desk.mail.receiving import blobs
from checkout_desk.web.numbers import row_number

MAX_FILE = 20 * 2**20


def _remove(draft: Draft, which: str) -> None:
    """Take one file off: a row of the draft, or (m and a number) the copy of a file of the forwarded mail."""
    with contextlib.suppress(ValueError):
        file = db.session.get(Attachment, row_number(which.removeprefix("m")))
        if file is None:
            return
        if file.draft_id == draft.id:
            db.session.delete(file)
        elif which.startswith("m") and file.message_id == draft.about_id:
            forwarding.drop(draft, [file])
        db.session.flush()


def change(draft: Draft) -> dict[str, str]:
    """Keep uploaded files, or remove the one that was asked for; returns the sentence for a file that cannot be taken."""
    act = request.form.get("act", "")
    if act.startswith("remove:"):
        _remove(draft, act[7:])
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    if not uploads:
        return {}
    sizes = db.session.scalars(select(Attachment.size).where(Attachment.draft_id == draft.id)).all()
    have, weight = len(sizes), sum(sizes)
    for upload in uploads:
        data = upload.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            return {
                "files": f"{upload.filename} is larger than {MAX_FILE // 2**20} MB; send a link to it instead."
            }
        if have >= drafting.MAX_FILES:
            return {
                "files": f"A mail carries at most {drafting.MAX_FILES} files; {upload.filename} was not added."
            }
        if weight + len(data) > drafting.MAX_TOTAL:
            return {
                "files": f"All files of a mail together have at most {drafting.MAX_TOTAL // 2**20} MB; {upload.filename} was not added."
            }
        have, weight = have + 1, weight + len(data)
        db.session.add(
            Attachment(
                draft_id=draft.id,
                sha256=blobs().put(data),
                filename=clean_filename(upload.filename or "")[:120],
                size=len(data),
                content_type=(upload.mimetype or "application/octet-stream")[:120],
                content_id="",
                inline=False,
            )
        )
    db.session.flush()
    return {}
