"""The table of the interface: every operation says once what it takes and gives.

Routes, checks and the OpenAPI document are made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, g, request
from flask_wtf.csrf import generate_csrf
from msgspec import Meta
from werkzeug.exceptions import PreconditionRequired

from service.casework.commands.command import Command
from service.casework.pages.case_list import CaseListPage
from service.errors import NotUnderstood, Stale
from service.records.ids import is_ulid
from service.store.keyset import ListPage
from service.web.api.v1.shapes import about, decode, encode, hints, read
from service.web.page_policy import SAFE, WORK, page_policy
from service.web.request_context import current, whole_number
from service.web.submit import JSON, submit_once

Result = TypeVar("Result")
ADDRESS = "/v1"
"""Where the interface begins; its version stands in no other part of an address."""
bp = Blueprint("v1", __name__, url_prefix=ADDRESS)
LIMIT, MOST = 50, 200
Limit = Annotated[int, Meta(ge=1, le=MOST)]
"""How many items a page of a list may hold."""
DIGITS = 16
"""So many has no revision; Python also refuses to read a number of thousands."""
KEY, REV, TOKEN = "Idempotency-Key", "If-Match", "X-CSRF-Token"
UPLOAD = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the interface does."""

    name: str
    method: str
    path: str
    about: str
    asks: Any = None
    """Shape of the body; None when there is none."""
    query: Any = None
    """Shape of what the address may carry behind its question mark."""
    gives: Any = None
    """Shape of the answer; None for the bytes of a file or an answer without content."""
    status: int = 200
    keyed: bool = False
    """Whether it must bear a key by which it is known when it is sent again."""
    matched: bool = False
    """Whether it must name the revision that it was made from."""
    tagged: bool = False
    """Whether the answer bears a revision as its ETag."""
    upload: bool = False
    """Whether its body comes as a form with a file."""
    signed_in: bool = True
    """Whether it is for those who have signed in."""
    faults: tuple[str, ...] = ()
    """Codes that may come besides those that any operation may give."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply of an operation; `rev` becomes its ETag."""

    body: Any = None
    rev: int | None = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What a change led to: its id and its address."""

    id: str
    location: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """What is sent to an operation that takes nothing."""


OPERATIONS: list[Operation] = []


def operation(
    name: str,
    method: str,
    path: str,
    *,
    act: str = WORK,
    **said: Any,  # noqa: ANN401  # the fields of Operation
) -> Callable[[Callable[..., Reply | Response]], Callable[..., Response]]:
    """Route a view: read what was sent before it, and write what it gives.

    The view gets `query` and `body` where it declares them.

    Args:
        name: the `operationId` of the document; it stays when the view is renamed.
    """

    def route(view: Callable[..., Reply | Response]) -> Callable[..., Response]:
        one = Operation(name, method, path, about(view), **said)
        OPERATIONS.append(one)

        @wraps(view)
        def answer(**named: str) -> Response:
            return _answer(one, view(**named, **_sent(one)))

        policy = page_policy("file", act=act if one.signed_in else "", signed_in=one.signed_in)
        policy(answer)
        bp.add_url_rule(path, endpoint=one.name, view_func=answer, methods=[method])
        return answer

    return route


def _sent(one: Operation) -> dict[str, Any]:
    """The query and body of the request, checked against the shapes of the operation.

    Raises:
        NotUnderstood: something is unknown, missing or of another kind.
        PreconditionRequired: it names no revision.
    """
    query = {name: _of_query(one.query, name, text) for name, text in request.args.items()}
    asked = read(query, one.query or Nothing)
    found = {} if one.query is None else {"query": asked}
    if one.keyed:
        key()
    if one.matched and (not request.if_match or request.if_match.star_tag):
        raise PreconditionRequired
    if one.method != "GET":
        body = read(dict(request.form) if one.upload else _json(), one.asks or Nothing)
        found |= {} if one.asks is None else {"body": body}
    return found


def _of_query(shape: Any, name: str, text: str) -> object:  # noqa: ANN401  # a dataclass
    if shape is None or hints(shape).get(name) is not int:
        return text
    found = whole_number(text)
    return text if found is None else found


def _json() -> Any:  # noqa: ANN401  # any JSON
    """The body of the request."""
    if request.mimetype not in ("", JSON):
        raise NotUnderstood(field="Content-Type", why="kind")
    return decode(request.get_data())


def key() -> str:
    """The key of this request.

    Raises:
        NotUnderstood: it has none, or one that is neither a ULID nor a UUID.
    """
    if "request_key" not in g:
        g.request_key = _key(request.headers.get(KEY, ""))
    known: str = g.request_key
    return known


def _key(found: str) -> str:
    if not found:
        raise NotUnderstood(field=KEY, why="missing")
    try:
        return found if is_ulid(found) else str(UUID(found))
    except ValueError as e:
        raise NotUnderstood(field=KEY, why="kind") from e


def match(rev: int, require: Callable[[int], None] | None = None) -> None:
    """Refuse what was made from another revision than `rev`.

    Args:
        require: refuses an older revision that does not do as well; every other does not, unless
            this is given.
    Raises:
        Stale: with the revision that holds.
    """
    if request.if_match.contains(f"r{rev}"):
        return
    named = [tag.removeprefix("r") for tag in request.if_match.as_set() if tag]
    known = [int(tag) for tag in named if tag.isdecimal() and len(tag) < DIGITS]
    if require is None or not known:
        raise Stale(rev=rev)
    require(max(known))


def cursor(after: str, page: ListPage[Any] | CaseListPage) -> str | None:
    """The cursor of the page that follows; None at the end.

    Raises:
        NotUnderstood: `after` was none of this list, which then began anew.
    """
    if after and page.rows and not page.previous:
        raise NotUnderstood(field="after", why="kind")
    return page.next or None


def submit(command: Command[Result], location: Callable[[Result], str]) -> Reply:
    """Perform a command exactly once for a program, however often it sends it.

    The answer, also the second time, can be read off the address.

    Args:
        location: makes the address of what was changed out of what the command gave.
    Raises:
        KeyReused: the key came with another body before.
        SlowDown: the person changes more in a minute than a hand can.
        Whatever the command raises.
    """
    address = submit_once(command, key(), location)
    return Reply(Done(address.rpartition("/")[2], address), location=address)


def _answer(one: Operation, reply: Reply | Response) -> Response:
    if isinstance(reply, Response):
        return reply
    empty = one.gives is None
    response = Response(status=HTTPStatus.NO_CONTENT) if empty else _written(one, reply.body)
    if reply.rev is not None:
        response.set_etag(f"r{reply.rev}")
    if reply.location:
        response.headers["Location"] = reply.location
    return response


def _written(one: Operation, body: object) -> Response:
    return Response(encode(body), one.status, mimetype=JSON)


@bp.after_request
def lend_token(response: Response) -> Response:
    """Who is signed in with a cookie gets with each answer to a question the token that the next
    change must carry, also a sign-in; no other site can read it.
    """
    if request.method in SAFE and "request_context" in g and not current().bearer:
        response.headers[TOKEN] = generate_csrf()
    return response
