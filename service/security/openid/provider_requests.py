"""Requests to a provider: https with checked certificates, no silence of five seconds and no body
that takes longer, no redirect, and no more bytes than such an answer has.

The standard library's client is enough: one request on one connection, and what it must not do
(follow, retry, keep, guess) it does not do.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from service.errors import ProviderDown
from service.security.openid.providers_file import is_safe

SECONDS: Final = 5.0
LARGEST: Final = 256 * 1024
"""Bytes of an answer."""
PART: Final = 16 * 1024
OK: Final = 200


def ask(address: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object that an address answers with.

    Args:
        form: fields that are posted; None for a GET.
    Raises:
        ProviderDown: no answer in time, or another one than such an object; `facts["why"]`.
    """
    if not is_safe(address):
        raise ProviderDown(why="address")
    try:
        content = _answer(address, form)
    except (OSError, http.client.HTTPException) as e:
        raise ProviderDown(why="no_answer") from e
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as e:
        raise ProviderDown(why="no_json") from e
    if not isinstance(found, dict):
        raise ProviderDown(why="no_json")
    return found


def _answer(address: str, form: Mapping[str, str] | None) -> bytes:
    parts = urlsplit(address)
    end = time.monotonic() + SECONDS
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept": "application/json", "Connection": "close"}
    body = None
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form)
    with closing(_connection(parts.scheme, parts.hostname or "", parts.port)) as connection:
        connection.request("GET" if form is None else "POST", target, body, headers)
        with connection.getresponse() as response:
            if response.status != OK:
                raise ProviderDown(why=f"status_{response.status}")
            return _read(response, end)


def _read(response: http.client.HTTPResponse, end: float) -> bytes:
    """The body of an answer, which may neither come drop by drop nor be too long."""
    content = b""
    while part := response.read1(PART):
        content += part
        if len(content) > LARGEST:
            raise ProviderDown(why="too_long")
        if time.monotonic() > end:
            raise ProviderDown(why="no_answer")
    return content


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=_trusted())
    return http.client.HTTPConnection(host, port, timeout=SECONDS)


@cache
def _trusted() -> ssl.SSLContext:
    """Certificates that this machine trusts."""
    return ssl.create_default_context()
