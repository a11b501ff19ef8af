"""The interface as an OpenAPI 3.1 document, made from the same table that routes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import MISSING, Field, fields
from typing import Any

from service import VERSION
from service.sandbox.media_types import MEDIA_TYPES
from service.text import say
from service.web.api.v1.json_schema import NAMES, schema
from service.web.api.v1.operations import KEY, REV, TOKEN, UPLOAD, Operation
from service.web.api.v1.shapes import hints
from service.web.statuses import CODES, STATUSES

KEY_MEANS = (
    "A ULID or UUID of your own. The same key with the same body has one effect and gets "
    "the same answer, for seven days."
)
REV_MEANS = 'The revision that the change was made from, as its ETag said it: `"r17"`.'
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
    "sign_in_needed",
    "foreign",
    "not_found",
    "case_moved",
    "slow_down",
    "busy",
)
CHANGES = ("foreign", "case_moved", "slow_down", "busy")
"""Codes that only a change may get."""
STATUS_OF: Mapping[str, int] = {**{code: status for status, code in CODES.items()}, **STATUSES}


def statuses(one: Operation) -> dict[int, list[str]]:
    """Every fault that an operation may give, by status."""
    codes = [*(code for code in ALWAYS if one.method != "GET" or code not in CHANGES), *one.faults]
    codes += (["key_reused"] if one.keyed else []) + (["rev_needed"] if one.matched else [])
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        found.setdefault(STATUS_OF[code], []).append(code)
    return {**found, 412: ["stale"]} if one.matched else found


def document(operations: list[Operation], base: str) -> dict[str, Any]:
    """The whole document.

    Args:
        base: where the site answers.
    """
    parts: dict[str, Any] = deepcopy({"Finding": FINDING, "Problem": PROBLEM})
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(address(one), {})[one.method.lower()] = _operation(one, parts)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tresteg", "version": VERSION, "description": say("api.about", "en")},
        "servers": [{"url": base}],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(parts.items())),
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-tresteg",
                    "description": f"The cookie of a sign-in. A change also carries {TOKEN}, "
                    "which every answer to a GET lends, and our Origin.",
                }
            },
        },
    }


def address(one: Operation) -> str:
    """The path as OpenAPI writes it."""
    return "/v1" + re.sub("<(?:path:)?([a-z_]+)>", r"{\1}", one.path)


def _operation(one: Operation, parts: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.about,
        "tags": [one.path.split("/")[1]],
    }
    parameters = [*_parameters(one, parts)]
    if parameters:
        made["parameters"] = parameters
    if one.asks is not None:
        made["requestBody"] = {
            "required": True,
            "content": {
                UPLOAD if one.upload else "application/json": {"schema": _body(one, parts)}
            },
        }
    made["responses"] = {
        str(one.status): _answer(one, parts),
        **{str(status): _fault(codes) for status, codes in sorted(statuses(one).items())},
    }
    return made


def _parameters(one: Operation, parts: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall("<(?:path:)?([a-z_]+)>", one.path)
    ]
    if one.query is not None:
        found += [_query_parameter(one.query, field, parts) for field in fields(one.query)]
    if one.keyed:
        found.append(_header(KEY, KEY_MEANS))
    if one.matched:
        found.append(_header(REV, REV_MEANS))
    if one.method != "GET":
        found.append(_header(TOKEN))
    return found


def _query_parameter(query: type, field: Field[object], parts: dict[str, Any]) -> dict[str, Any]:
    default = {} if field.default is MISSING else {"default": field.default}
    asked = schema(hints(query)[field.name], parts, asked=True)
    return {"name": field.name, "in": "query", "schema": {**asked, **default}}


def _header(name: str, means: str = "") -> dict[str, Any]:
    described = {"description": means} if means else {}
    text = {"type": "string"}
    return {"name": name, "in": "header", "required": True, **described, "schema": text}


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


def _answer(one: Operation, parts: dict[str, Any]) -> dict[str, Any]:
    if one.gives is not None:
        return {
            "description": one.about,
            "content": {"application/json": {"schema": schema(one.gives, parts)}},
        }
    if one.method == "GET":
        return {
            "description": one.about,
            "content": {kind: {} for kind in sorted(MEDIA_TYPES.values())},
        }
    return {"description": one.about}


def _fault(codes: list[str]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": ", ".join(f"`{code}`" for code in codes), "content": content}
