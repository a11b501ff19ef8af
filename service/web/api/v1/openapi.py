"""The interface as an OpenAPI 3.1 document, made from the same table that routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import MISSING, Field, fields
from typing import Any

from service import VERSION
from service.sandbox.media_types import MEDIA_TYPES
from service.settings import Settings
from service.text import say
from service.web.api.v1 import terms
from service.web.api.v1.examples import example
from service.web.api.v1.json_schema import NAMES, schema
from service.web.api.v1.operations import ADDRESS, KEY, REV, TOKEN, UPLOAD, Operation
from service.web.api.v1.shapes import limited
from service.web.statuses import CODES, STATUSES
from service.web.submit import JSON

KEY_PATTERN = (
    "^([0-7][0-9A-HJKMNP-TV-Z]{25}"
    "|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$"
)
REV_PATTERN = '^"r[0-9]{1,15}"$'
KEY_MEANS = (
    "A ULID or UUID of your own. The same key with the same body has one effect and gets "
    "the same answer, for seven days."
)
REV_MEANS = 'The revision that the change was made from, as its ETag said it: `"r17"`.'
LENT = (
    "The token that the last answer to a GET lent, in a header of the same name. Needed with a "
    "cookie alone: a program that bears a token of its own sends none."
)
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457): `code` is stable, `type` a page in plain words, "
    "`detail` a sentence in the caller's language, `instance` the id of the request.",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("type", "title", "detail", "code", "instance", "by")
        },
        **{name: {"type": "integer"} for name in ("status", "rev", "retry_after")},
        **{name: {"type": "string"} for name in ("say_why", "ask", "kind", "subject")},
        "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
    },
}
FINDING = {
    "type": "object",
    "required": ["path", "detail"],
    "properties": {name: {"type": "string"} for name in ("path", "detail")},
}
ALWAYS = (
    "bad_request",
    "two_sign_ins",
    "sign_in_needed",
    "token_refused",
    "operation_refused",
    "foreign",
    "not_found",
    "case_moved",
    "too_large",
    "slow_down",
    "busy",
)
CHANGES = ("foreign", "case_moved", "too_large")
"""Codes that only a change may get."""
HEADERS: Mapping[str, Any] = {
    "ETag": {
        "description": 'The revision of what was answered, such as `"r17"`.',
        "required": True,
        "schema": {"type": "string", "pattern": REV_PATTERN},
    },
    "Location": {
        "description": "The address of what was changed.",
        "required": True,
        "schema": {"type": "string", "pattern": "^/v1/"},
    },
    "Retry-After": {
        "description": "Seconds after which it can be tried again.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    TOKEN: {
        "description": "The token that the next change must carry.",
        "required": True,
        "schema": {"type": "string"},
    },
}
"""Headers that answers bear."""
WAITS = (429, 503)
"""Statuses that say when to try again."""
FILE_EXAMPLE = "%PDF-1.7 (the bytes of the file)"
STATUS_OF: Mapping[str, int] = {**{code: status for status, code in CODES.items()}, **STATUSES}


def statuses(one: Operation) -> dict[int, list[str]]:
    """Every fault that an operation may give, by status."""
    codes = [*(code for code in ALWAYS if one.method != "GET" or code not in CHANGES), *one.faults]
    if not one.signed_in:
        codes = ["bad_request", "busy"]
    codes += (["key_reused"] if one.keyed else []) + (["rev_needed"] if one.matched else [])
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        found.setdefault(STATUS_OF[code], []).append(code)
    return {**found, 412: ["stale"]} if one.matched else found


def document(operations: list[Operation], settings: Settings) -> dict[str, Any]:
    """The whole document.

    Args:
        settings: where the site answers, whom to ask, and what the installation limits.
    """
    parts: dict[str, Any] = deepcopy({"Finding": FINDING, "Problem": PROBLEM})
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(_path(one), {})[one.method.lower()] = _operation(one, parts)
    faults = {
        (status, code)
        for one in operations
        for status, codes in statuses(one).items()
        for code in codes
    }
    return {
        "openapi": "3.1.0",
        "info": terms.information(settings, VERSION),
        "externalDocs": {
            "description": "The same for people, with a page in plain words for each fault.",
            "url": f"{settings.base_url}/api",
        },
        "servers": [{"url": f"{settings.base_url}{ADDRESS}"}],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "examples": {_named(*one): {"value": _problem(*one)} for one in sorted(faults)},
            "headers": deepcopy(HEADERS),
            "schemas": dict(sorted(parts.items())),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a program, for operations that it names. No "
                    f"cookie, no {TOKEN} and no Origin come with it.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-tresteg",
                    "description": f"The cookie of a sign-in. A change also carries {TOKEN}, "
                    "which every answer to a GET lends, and our Origin.",
                },
            },
        },
    }


def address(one: Operation) -> str:
    """Where an operation answers, its parameters as OpenAPI writes them."""
    return ADDRESS + _path(one)


def _path(one: Operation) -> str:
    return re.sub("<(?:path:)?([a-z_]+)>", r"{\1}", one.path)


def _operation(one: Operation, parts: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.about.partition(". ")[0].removesuffix(".") + ".",
        "description": " ".join([one.about, *_also(one)]),
        "tags": [one.path.split("/")[1]],
    }
    if not one.signed_in:
        made["security"] = []
    parameters = [*_parameters(one, parts)]
    if parameters:
        made["parameters"] = parameters
    if one.asks is not None:
        kind = UPLOAD if one.upload else JSON
        body = {"schema": _body(one, parts), "example": _sent_example(one)}
        made["requestBody"] = {"required": True, "content": {kind: body}}
    made["responses"] = {
        str(one.status): _answer(one, parts),
        **{str(status): _fault(status, codes) for status, codes in sorted(statuses(one).items())},
    }
    return made


def _also(one: Operation) -> Iterable[str]:
    """What holds for an operation besides what is its own, a sentence each."""
    if not one.signed_in:
        yield "Nobody needs to sign in for it."
    if "<" in one.path:
        yield "What the caller may not see is answered like what is not there (404)."
    if one.keyed:
        yield f"Sent again with the same {KEY}, it has one effect and the same answer."
    if one.matched:
        yield f"{REV} names the revision that it was made from; an older one is refused (412)."
    if one.query is not None:
        yield "The page that follows is asked for with `after`, which is the `next` of this one."
    if one.upload:
        yield "The body is a form with the file."


def _parameters(one: Operation, parts: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall("<(?:path:)?([a-z_]+)>", one.path)
    ]
    if one.query is not None:
        found += [_query_parameter(one.query, field, parts) for field in fields(one.query)]
    if one.keyed:
        found.append(_header(KEY, KEY_MEANS, KEY_PATTERN))
    if one.matched:
        found.append(_header(REV, REV_MEANS, REV_PATTERN))
    if one.method != "GET":
        found.append({**_header(TOKEN, LENT), "required": False})
    return found


def _query_parameter(query: type, field: Field[object], parts: dict[str, Any]) -> dict[str, Any]:
    default = {} if field.default is MISSING else {"default": field.default}
    asked = schema(limited(query)[field.name], parts, asked=True)
    return {"name": field.name, "in": "query", "schema": {**asked, **default}}


def _header(name: str, means: str, pattern: str = "") -> dict[str, Any]:
    text = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    return {"name": name, "in": "header", "required": True, "description": means, "schema": text}


def _body(one: Operation, parts: dict[str, Any]) -> dict[str, Any]:
    asked = schema(one.asks, parts, asked=True)
    if one.upload:
        named = parts[NAMES[one.asks]]
        named["properties"]["file"] = {
            "type": "string",
            "contentMediaType": "application/octet-stream",
        }
        named["required"] = list(dict.fromkeys([*named["required"], "file"]))
    return asked


def _sent_example(one: Operation) -> dict[str, object]:
    return example(one.asks) | ({"file": FILE_EXAMPLE} if one.upload else {})


def _answer(one: Operation, parts: dict[str, Any]) -> dict[str, Any]:
    names = [TOKEN] if one.method == "GET" and one.signed_in else []
    names += (["ETag"] if one.tagged else []) + (["Location"] if one.keyed else [])
    made: dict[str, Any] = {"description": one.about, **_headers(names)}
    if one.gives is not None:
        given = {"schema": schema(one.gives, parts), "example": example(one.gives)}
        made["content"] = {JSON: given}
    elif one.method == "GET":
        made["content"] = {kind: {} for kind in sorted(MEDIA_TYPES.values())}
    return made


def _fault(status: int, codes: list[str]) -> dict[str, Any]:
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {
            code: {"$ref": f"#/components/examples/{_named(status, code)}"} for code in codes
        },
    }
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        **_headers(["Retry-After"] if status in WAITS else []),
        "content": {"application/problem+json": content},
    }


def _headers(names: list[str]) -> dict[str, Any]:
    found = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"headers": found} if found else {}


def _named(status: int, code: str) -> str:
    """The name of the example of a fault; a code may come with two statuses."""
    return code if STATUS_OF[code] == status else f"{code}_{status}"


def _problem(status: int, code: str) -> dict[str, object]:
    """A fault as somebody meets it."""
    return {
        "type": f"/problems/{code}",
        "title": say(f"error.{code}.title", "en"),
        "status": status,
        "detail": "What went wrong, in a sentence in the language of the caller.",
        "code": code,
        "instance": "01KJQ6PSG0E7Z5N3VX8Q2M4C1D",
    }
