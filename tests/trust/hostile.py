"""Files that somebody sends to hurt the reader: name, file name, bytes.

Each is small to write and large to read.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from functools import cache

from tests.support.diagrams import document, end, process, start
from tests.trust.hostile_diagrams import diagrams

XML = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@cache
def files() -> tuple[tuple[str, str, bytes], ...]:
    """All of them; made once, for modules of tests make them while they are collected."""
    return (*broken(), *diagrams(), *tables(), *forms())


def broken() -> Iterator[tuple[str, str, bytes]]:
    """What is no readable file at all."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bpmn", b"\0" * 50_000_000)
    plain = document(process("p", start() + end(), "s>e"))
    yield "nothing", "a.bpmn", b""
    yield "20 MB of blanks", "a.bpmn", b" " * 20_000_000
    yield "20 MB of a diagram", "a.bpmn", plain.replace(b">", b">" + b"<!-- x -->" * 2_000_000, 1)
    yield "an archive of zeros", "a.bpmn", packed.getvalue()
    yield "a packed file", "a.bpmn", gzip.compress(plain)
    yield "UTF-16", "a.bpmn", plain.decode().encode("utf-16")
    yield "UTF-32", "a.bpmn", plain.decode().encode("utf-32")
    yield "UTF-7 declared", "a.bpmn", b'<?xml version="1.0" encoding="UTF-7"?>+ADw-d/+AD4-'
    yield "a byte that is no letter", "a.bpmn", plain.replace(b'id="s"', b'id="\xff"', 1)
    yield "a lone surrogate", "a.bpmn", plain.replace(b'id="s"', b'id="\xed\xa0\x80"', 1)
    yield "a null character", "a.bpmn", plain + b"\0"
    yield (
        "entities in entities",
        "a.bpmn",
        f'<!DOCTYPE d [<!ENTITY e0 "ha">{ENTITIES}]><d>&e11;</d>'.encode(),
    )
    yield (
        "entities of many letters",
        "a.bpmn",
        f'<!DOCTYPE d [<!ENTITY a "{"x" * 100_000}">]><d>{"&a;" * 100_000}</d>'.encode(),
    )
    yield (
        "a file of the machine",
        "a.bpmn",
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
    )
    yield "an address", "a.bpmn", b'<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd"><d/>'
    yield (
        "inclusion",
        "a.bpmn",
        f'<d xmlns="{XML}" xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="/etc/passwd" parse="text"/></d>'.encode(),
    )
    yield (
        "a program for the reader",
        "a.bpmn",
        b'<?xml-stylesheet type="text/xsl" href="x.xsl"?>' + plain,
    )
    yield "many brackets", "a.bpmn", b"<a>" * 300_000
    yield (
        "an element of many attributes",
        "a.bpmn",
        b"<a " + b" ".join(b'a%d=""' % n for n in range(80_000)) + b"/>",
    )
    yield (
        "many name spaces",
        "a.bpmn",
        b"<a " + b" ".join(b'xmlns:a%d="u%d"' % (n, n) for n in range(30_000)) + b"/>",
    )
    yield "cut in the middle", "a.bpmn", plain[: len(plain) // 2]
    yield "another root", "a.bpmn", b"<html/>"
    yield "a name of 900 kB", "a.bpmn", plain.replace(b'id="s"', b'id="' + b"s" * 900_000 + b'"', 1)


def tables() -> Iterator[tuple[str, str, bytes]]:
    """Rule files."""
    yield "a table of 1,000 rows and 29 inputs", "a.dmn", _table(1_000, 29)[:1_048_576]
    yield "a table of 700 rows and 8 inputs", "a.dmn", _table(700, 8, "[{0}..{1}]")
    yield "a table of 5,000 rows", "a.dmn", _table(5_000, 1)
    yield "rules that ask each other", "a.dmn", _circle(500)
    yield "types in types", "a.dmn", _types(5_000)
    yield "cells of many brackets", "a.dmn", _table(100, 1, "(" * 400 + "1" + ")" * 400)
    yield (
        "rules with entities",
        "a.dmn",
        f'<!DOCTYPE d [<!ENTITY e0 "ha">{ENTITIES}]><d>&e11;</d>'.encode(),
    )


def forms() -> Iterator[tuple[str, str, bytes]]:
    """Forms."""
    field = {
        "type": "textfield",
        "key": "a",
        "label": "A",
        "conditional": {"hide": "=" + "(" * 200 + "1" + ")" * 200},
    }
    yield "brackets of JSON", "a.form", b"[" * 500_000
    yield "objects of JSON", "a.form", b'{"a":' * 200_000
    yield "a number of many digits", "a.form", b'{"schemaVersion": ' + b"9" * 900_000 + b"}"
    yield "20 MB of JSON", "a.form", b'{"a": "' + b"x" * 20_000_000 + b'"}'
    yield "no JSON", "a.form", b"\x80\x81"
    yield "a list", "a.form", b"[]"
    yield "NaN", "a.form", b'{"schemaVersion": NaN}'
    yield (
        "many fields",
        "a.form",
        json.dumps(
            {"type": "default", "id": "a", "schemaVersion": 19, "components": [field] * 5_000}
        ).encode()[:1_048_000],
    )
    yield (
        "fields in fields",
        "a.form",
        json.dumps(
            {"type": "default", "id": "a", "schemaVersion": 19, "components": [_group(15)]}
        ).encode(),
    )
    yield (
        "conditions of many brackets",
        "a.form",
        json.dumps(
            {"type": "default", "id": "a", "schemaVersion": 19, "components": [field] * 900}
        ).encode(),
    )


def _table(rows: int, inputs: int, cell: str = "{0}") -> bytes:
    heads = "".join(
        f'<input id="i{n}"><inputExpression id="x{n}" typeRef="number"><text>v{n}</text></inputExpression></input>'
        for n in range(inputs)
    )
    lines = "".join(
        f'<rule id="r{r}">' + "".join(f"<inputEntry><text>{cell.format(r, r + 5)}</text></inputEntry>" for _ in range(inputs)) + f"<outputEntry><text>{r}</text></outputEntry></rule>"
        for r in range(rows)
    )  # fmt: skip
    return f'<definitions xmlns="{DMN}" id="d" name="d" namespace="t"><decision id="a" name="a"><decisionTable>{heads}<output id="o" name="a" typeRef="number"/>{lines}</decisionTable></decision></definitions>'.encode()


def _circle(many: int) -> bytes:
    one = '<decision id="d{0}" name="d"><informationRequirement><requiredDecision href="#d{1}"/></informationRequirement><informationRequirement><requiredDecision href="#d{2}"/></informationRequirement><decisionTable><output id="o" name="a"/></decisionTable></decision>'
    return f'<definitions xmlns="{DMN}">{"".join(one.format(n, (n + 1) % many, (n * 7) % many) for n in range(many))}</definitions>'.encode()


def _types(many: int) -> bytes:
    one = '<itemDefinition name="t{0}"><itemComponent name="a"><typeRef>t{1}</typeRef></itemComponent><itemComponent name="b"><typeRef>t{1}</typeRef></itemComponent></itemDefinition>'
    return f'<definitions xmlns="{DMN}">{"".join(one.format(n, (n + 1) % many) for n in range(many))}</definitions>'.encode()[
        :1_048_000
    ]


def _group(deep: int) -> dict[str, object]:
    return {
        "type": "group",
        "key": f"g{deep}",
        "path": f"g{deep}",
        "label": "G",
        "components": [_group(deep - 1)] * 2 if deep else [],
    }
