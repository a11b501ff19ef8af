"""Addresses that more than one page leads to."""

from __future__ import annotations

from flask import url_for

from service.web.request_context import current


def diagram_address(release: str, file: str) -> str:
    """Where the XML of a diagram is, with names in the reader's language."""
    return url_for("releases.diagram_xml", release=release, file=file, lang=current().lang)
