"""What an operator should know of texts for the person: in which languages nobody signed them."""

from __future__ import annotations

from service.application.container import Tresteg
from service.release.translation_findings import language_findings


def translation_warnings(program: Tresteg) -> list[str]:
    """A sentence for each language and kind of fault of the current release; none before anything
    was published.
    """
    services = program.services
    with program.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return []
        release = services.current(tx)
    return [found.message for found in language_findings(release.bundle, release.forms)]
