"""What an operator should know of the grounds in law and of the roads of appeal: which of them no
lawyer has confirmed, which rules rest on a ground that has ended or not begun, and for which
decisions no road is in force.
"""

from __future__ import annotations

from service.application.container import Tresteg
from service.release.appeal_checks import appeal_confirmations, missing_on
from service.release.ground_checks import confirmation_findings, force_findings
from service.release.programme.vocabulary import OFFICE_KIND


def ground_warnings(program: Tresteg) -> list[str]:
    """A sentence about grounds that nobody has confirmed, one about those that were changed since,
    and one for each rule of the release in force that rests on one which is not; none before
    anything was published.
    """
    services, today = program.services, program.clock.now().date()
    with program.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return []
        release = services.current(tx)
    grounds = services.configuration(release).grounds
    found = (*confirmation_findings(grounds), *force_findings(release.bundle, today))
    return [one.message for one in found]


def appeal_warnings(program: Tresteg) -> list[str]:
    """A sentence about roads of appeal that nobody has confirmed, one about those that were changed
    since, and one for each kind of decision that has none in force today for some kind of office;
    none before anything was published.
    """
    services, today = program.services, program.clock.now().date()
    with program.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return []
        configuration = services.current_configuration(tx)
    roads, kinds = configuration.appeals, configuration.vocabulary.ids(OFFICE_KIND)
    found = (*appeal_confirmations(roads), *missing_on(roads, kinds, today))
    return [one.message for one in found]
