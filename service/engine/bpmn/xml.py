"""The one door for XML files: what comes through it is small, plain, and cannot reach for anything
outside itself.
"""

from __future__ import annotations

from typing import Any, cast

from lxml import etree

from service.engine.bpmn.messages import finding
from service.engine.limits import FILE
from service.errors import BadDiagram

_ARCHIVES = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)


def safe_tree(data: bytes, file: str) -> etree._Element:
    """Read XML that somebody else wrote.

    Args:
        data: the raw bytes of one diagram or rule file.
        file: its name, for the findings.
    Returns: the root element; comments are gone, entities were never resolved.
    Raises:
        BadDiagram: with exactly one finding X101 to X104; nothing of the file is to be used.
    Source: engine.md 4; trust.md 3.2.
    """
    if len(data) > FILE:
        raise _refused("X101", file)
    _check_text(data, file)
    # The encoding is ours, not the file's: a declared UTF-7 would let the parser see another text
    # than the one that was checked.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if b"<!DOCTYPE" in data:
            raise _refused("X103", file) from error
        raise _refused("X102", file, reason=_first_line(error)) from error
    _check_prolog(root, file)
    return root


def canonical(root: etree._Element) -> bytes:
    """The one spelling of a tree: these bytes are stored, hashed, drawn and read."""
    return etree.tostring(root, method="c14n")


def _check_text(data: bytes, file: str) -> None:
    """Refuse archives and everything that is not UTF-8."""
    if data.startswith(_ARCHIVES):
        raise _refused("X102", file, reason="it is an archive")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("X102", file, reason=f"it is not UTF-8 at byte {error.start}") from error
    if "\0" in text:
        raise _refused("X102", file, reason="it holds a null character")


def _check_prolog(root: etree._Element, file: str) -> None:
    """Refuse what a well-formed file may bring beside its elements; with entity resolving off alone
    `&x;` would stay as a node.
    """
    if cast("Any", root.getroottree().docinfo).internalDTD is not None:  # the stubs know no DTD
        raise _refused("X103", file)
    named_fields = [*root.itersiblings(preceding=True), *root.itersiblings(), *root.iter(etree.PI)]
    if (
        named_fields
    ):  # comments are dropped by the parser, so whatever stands beside the root is an instruction
        raise _refused("X104", file)


def _first_line(error: Exception) -> str:
    """The parser's own reason without its file name."""
    return (str(error).splitlines() or [type(error).__name__])[0].removesuffix(
        " (<string>, line 1)"
    )[:200]


def _refused(code: str, file: str, **facts: object) -> BadDiagram:
    return BadDiagram((finding(code, file, facts=facts),))
