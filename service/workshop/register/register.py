"""The register of processing and the annex to an impact assessment, of one process of a release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from service.records.context import Services
from service.release.bundle import Bundle
from service.workshop.register import keeping, processing, sharing
from service.workshop.register.parts import RegisterHost, RegisterSection, RegisterText
from service.workshop.register.source import RegisterSource

REGISTER, ANNEX = "register", "annex"
"""Kinds of texts."""
Section = Callable[[RegisterSource], RegisterSection]
SECTIONS: Final[Mapping[str, tuple[Section, ...]]] = {
    REGISTER: (
        processing.purposes,
        processing.grounds,
        processing.persons,
        processing.data,
        sharing.roles,
        sharing.openings,
        sharing.referrals,
        sharing.providers,
        sharing.papers,
        sharing.transfers,
        keeping.retention,
        processing.security,
    ),
    ANNEX: (
        processing.persons,
        processing.data,
        sharing.sight,
        sharing.openings,
        sharing.referrals,
        sharing.providers,
        sharing.papers,
        sharing.transfers,
        keeping.retention,
        processing.open_path,
        processing.security,
    ),
}
"""Sections of each kind, in their order; a register begins with who answers for the processing."""


def write_text(
    kind: str,
    services: Services,
    bundle: Bundle,
    process: str,
    lang: str,
    *,
    release: str,
    host: RegisterHost,
) -> RegisterText:
    """Write a register or an annex.

    Args:
        kind: `REGISTER` or `ANNEX`.
        process: one of `processes_of`.
        release: how people call the release, such as "v3 · 3fa9c1d2e4b7".
        host: whoever runs the service.
    """
    source = RegisterSource(services, bundle, process, lang)
    sections = [section(source) for section in SECTIONS[kind]]
    if kind == REGISTER:
        sections.insert(0, processing.answers_for(source, host))
    return RegisterText(
        source.say(f"{kind}_title"),
        source.name,
        release,
        source.say(f"{kind}_lead", release=release),
        lang,
        tuple(map(_begun, sections)),
    )


def _begun(section: RegisterSection) -> RegisterSection:
    """A section whose lines begin with a capital: words of a release stand within sentences too."""
    lines = (replace(one, name=f"{one.name[:1].upper()}{one.name[1:]}") for one in section.lines)
    return replace(section, lines=tuple(lines))
