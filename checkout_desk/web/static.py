"""Static files under addresses that change with their content, so that browsers may keep them for ever.

One hash stands for the whole tree and comes first in the path (`/static/1f2e3d4c5b6a/app.css`): the relative addresses
inside a stylesheet then lead to files that may be kept as well.
"""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from flask import Flask, Response, request, send_from_directory
from werkzeug.utils import safe_join

from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.compression import TEXT, WORTH_IT, squeeze

FOR_EVER = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Serve app.static_folder, and give templates `asset(name)` and `icons`, the address of the icon sprite.

    In debug mode the addresses are plain and nothing is kept, so that a changed file shows at once.
    """
    folder = Path(app.static_folder or "")
    version = "" if app.debug else tree_hash(folder)
    prefix = f"{app.static_url_path}/{version}/" if version else f"{app.static_url_path}/"
    app.extensions["desk_static"] = version
    squeezed: dict[str, tuple[bytes, bytes, str]] = {}

    def asset(name: str) -> str:
        """The address of a file in static/."""
        return prefix + name

    @requires(PUBLIC)
    def serve(filename: str) -> Response:
        kept = bool(version) and filename.startswith(version + "/")
        name = filename.partition("/")[2] if kept or _foreign_version(folder, filename) else filename
        response = _text_file(folder, name, squeezed) if kept else None
        if response is None:
            response = send_from_directory(folder, name)
        response.headers["Cache-Control"] = FOR_EVER if kept else "no-cache"
        return response

    app.view_functions["static"] = serve
    app.jinja_env.globals.update(asset=asset, icons=asset("icons.svg"))


def tree_hash(folder: Path) -> str:
    """Twelve hex digits that stand for every name and byte below `folder`."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(
            path.relative_to(folder).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest()
        )
    return digest.hexdigest()[:12]


def _foreign_version(folder: Path, filename: str) -> bool:
    """Whether the path starts with the hash of another release: a page from before an update still finds its files."""
    first, slash, _ = filename.partition("/")
    return (
        bool(slash)
        and len(first) == 12
        and set(first) <= set("0123456789abcdef")
        and not (folder / first).exists()
    )


def _text_file(folder: Path, name: str, squeezed: dict[str, tuple[bytes, bytes, str]]) -> Response | None:
    """A text file out of memory, compressed once and well; None for what is better sent from the disk."""
    kind = mimetypes.guess_type(name)[0]
    if kind not in TEXT or request.range is not None:
        return None
    if name not in squeezed:
        path = safe_join(str(folder), name)
        if path is None or not Path(path).is_file():
            return None
        data = Path(path).read_bytes()
        squeezed[name] = data, squeeze(data, 9), hashlib.sha256(data).hexdigest()[:32]
    data, small, tag = squeezed[name]
    use_small = len(data) >= WORTH_IT and request.accept_encodings["gzip"] > 0
    response = Response(small if use_small else data, mimetype=kind)
    if use_small:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(tag, weak=True)
    response.make_conditional(request)
    return response
