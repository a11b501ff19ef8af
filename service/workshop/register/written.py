"""A register as Markdown, and as what the template of its paper prints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.release.printed.report import PrintedReport, template
from service.text import say
from service.workshop.register.difference import RegisterDifference
from service.workshop.register.parts import RegisterText

SOURCE: Final = Path(__file__).with_name("register.typ")


@cache
def _source() -> str:
    return template("page") + SOURCE.read_text("utf-8")


def as_markdown(text: RegisterText, difference: RegisterDifference | None = None) -> str:
    """A text as Markdown, with what has changed first."""
    return "\n".join(_lines(text, difference)) + "\n"


def _lines(text: RegisterText, difference: RegisterDifference | None) -> Iterator[str]:
    yield from (f"# {text.title}: {text.process}", "", text.lead)
    if difference is not None:
        yield from ("", f"## {_since(text, difference)}", "")
        if not difference.changes:
            yield say("register.no_change", text.lang)
        yield from (f"- {one.section}. {one.text}" for one in difference.changes)
        if difference.wider:
            yield from ("", f"### {say('register.wider', text.lang)}", "")
            yield from (f"- {one}" for one in difference.wider)
    for section in text.sections:
        yield from ("", f"## {section.title}", "", section.lead, "")
        for line in section.lines:
            yield f"- **{line.name}**: {line.text}"
            yield from (f"  - {part}" for part in line.parts)
        if not section.lines:
            yield section.empty
        if section.missing:
            yield from ("", f"> **{say('register.missing', text.lang)}.** {section.missing}")


def _since(text: RegisterText, difference: RegisterDifference) -> str:
    return say("register.since", text.lang, release=difference.before)


def compose_paper(
    text: RegisterText, name: str, now: datetime, zone: str, difference: RegisterDifference | None
) -> PrintedReport:
    """Put a text together for print.

    Args:
        name: of the file, without its ending.
        zone: time zone in which the moment of making is written.
    """
    local = now.astimezone(ZoneInfo(zone))
    moment = f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
    changes = difference.changes if difference is not None else ()
    data: dict[str, Any] = {
        "title": text.title,
        "lang": text.lang,
        "over": text.release,
        "under": text.process,
        "foot": say("register.foot", text.lang, title=text.title, when=moment),
        "lead": text.lead,
        "since": _since(text, difference) if difference is not None else "",
        "changes": [[one.section, one.text] for one in changes],
        "no_change": say("register.no_change", text.lang),
        "wider_title": say("register.wider", text.lang),
        "wider": list(difference.wider) if difference is not None else [],
        "sections": [
            {
                "title": section.title,
                "lead": section.lead,
                "lines": [
                    {"name": line.name, "text": line.text, "parts": "; ".join(line.parts)}
                    for line in section.lines
                ],
                "empty": section.empty,
                "missing": section.missing,
            }
            for section in text.sections
        ],
        "words": {
            "page": say("report_paper.page", text.lang),
            "missing": say("register.missing", text.lang),
        },
    }
    return PrintedReport(_source(), data, f"{name}.pdf")
