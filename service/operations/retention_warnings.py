"""What an operator should know of the plan of retention: whose rules nobody has signed, and which
of those that are signed nothing runs.
"""

from __future__ import annotations

from service.application.container import Tresteg
from service.release.programme.vocabulary import OFFICE_KIND
from service.release.retention_checks import is_signed, rules_not_run, signature_findings


def retention_warnings(program: Tresteg) -> list[str]:
    """A sentence about rules that nobody has signed, one about those that were changed since, and
    one about rules that are signed and that nothing runs; none before anything was published.
    """
    services = program.services
    with program.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return []
        configuration = services.configuration(services.current(tx))
    kinds, plan = configuration.vocabulary.ids(OFFICE_KIND), configuration.retention
    found = [one.message for one in signature_findings(plan, kinds)]
    signed = {kind for kind in plan.owners(kinds) if is_signed(plan, kind)}
    if names := [
        f"{rule.id} ({record})"
        for rule, record in rules_not_run(plan)
        if any(rule.counts_for(record, kind) for kind in signed)
    ]:
        found.append(
            f"Tresteg destroys no such records, so these rules are run by nobody: "
            f"{', '.join(names)}. Whoever has signed them answers for it."
        )
    return found
