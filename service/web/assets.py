"""Built files of the browser, each under a name that holds its digest, so that it may be kept for
ever.
"""

from __future__ import annotations

import json
import re
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, send_file
from werkzeug.security import safe_join

from service.errors import BadSettings, NotFound
from service.web.page_policy import page_policy

bp = Blueprint("assets", __name__)
BUILT = Path(__file__).parent / "static" / "dist"
ADDRESS = "/static"
HASHED = re.compile(r"-[0-9A-Z]{8}\.[a-z0-9]+$")


@cache
def manifest() -> dict[str, str]:
    """Name of a file to the name it was built under.

    Raises:
        BadSettings: the files were not built.
    """
    try:
        found: dict[str, str] = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise BadSettings("the browser's files are not built: run python3 dev.py build") from e
    return found


@cache
def asset(name: str) -> str:
    """Address of a built file: the site lies at the root of its host."""
    return f"{ADDRESS}/{manifest()[name]}"


@bp.get(f"{ADDRESS}/<path:name>")
@page_policy("file", signed_in=False, alone=True)
def built(name: str) -> Response:
    """One built file.

    It is read whole, so that no file stays open behind a browser that goes away.
    """
    found = safe_join(str(BUILT), name)
    if found is None or not Path(found).is_file():
        raise NotFound
    content = Path(found).read_bytes()
    etag = sha256(content).hexdigest()[:16]
    response = send_file(BytesIO(content), download_name=Path(found).name, etag=etag)
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if HASHED.search(name) else "no-cache"
    )
    return response
