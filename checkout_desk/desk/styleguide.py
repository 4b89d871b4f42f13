"""Everything that the desk is made of, on one page: for those who build it, in the demo store and while debugging."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.conversations.models import Conversation
from checkout_desk.desk.workspace import conversation_context
from checkout_desk.extensions import db
from checkout_desk.web.access import SIGNED_IN, requires

blueprint = Blueprint("styleguide", __name__)


@blueprint.get("/styleguide")
@requires(SIGNED_IN)
def show() -> ResponseReturnValue:
    """The style guide, with a conversation of this store as its example; not there in a real store."""
    if not (current_app.config["DESK_SANDBOX"] or current_app.debug):
        abort(404)
    newest = db.session.scalar(
        select(Conversation.id).order_by(Conversation.exception.desc(), Conversation.id.desc()).limit(1)
    )
    context = conversation_context(newest, pane=True) if newest else None
    return render_template("styleguide.html", **(context or abort(404)))
