"""What an operator should know of the plan of retention: whose rules nobody has signed."""

from __future__ import annotations

from service.application.container import Tresteg
from service.release.programme.vocabulary import OFFICE_KIND
from service.release.retention_checks import signature_findings


def retention_warnings(program: Tresteg) -> list[str]:
    """A sentence about rules that nobody has signed, and one about those that were changed since;
    none before anything was published.
    """
    services = program.services
    with program.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return []
        configuration = services.configuration(services.current(tx))
    kinds = configuration.vocabulary.ids(OFFICE_KIND)
    return [found.message for found in signature_findings(configuration.retention, kinds)]
