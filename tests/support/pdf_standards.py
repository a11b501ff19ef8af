"""What a PDF says of itself: the standards for keeping (PDF/A) and for reading (PDF/UA)."""

from __future__ import annotations

import io

import pikepdf

BOTH = {"keeping": "2A", "reading": "1", "colours": "/GTS_PDFA1"}
"""What every PDF says that leaves Tresteg. Source: ISO 19005-2, 6.2.3 and 6.6.4; ISO 14289-1, 5."""


def standards_of(content: bytes) -> dict[str, str]:
    """The marks of both standards, read back from the metadata and the output intent."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        with pdf.open_metadata() as meta:
            part, level = meta.get("pdfaid:part", ""), meta.get("pdfaid:conformance", "")
            reading = meta.get("pdfuaid:part", "")
        intents = pdf.Root.OutputIntents if "/OutputIntents" in pdf.Root else ()
        colours = ", ".join(str(one.S) for one in intents if "/DestOutputProfile" in one)
    return {"keeping": f"{part}{level}", "reading": str(reading), "colours": colours}
