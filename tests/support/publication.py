"""What publishing a draft is handed, made as its page makes it."""

from __future__ import annotations

from dataclasses import dataclass

from service.release.bundle import Bundle
from service.workshop import drafts
from service.workshop.data_flow.wider import CheckedFlows, check_flows
from service.workshop.publish import CheckedRelease, check_release
from service.workshop.release_dossier import Evidence, gather_evidence
from tests.support.world import World


@dataclass(frozen=True)
class Checked:
    """A bundle that was looked at before the transaction that publishes it."""

    release: CheckedRelease
    flows: CheckedFlows
    evidence: Evidence

    @property
    def seen(self) -> list[str]:
        """Every finding, as somebody says that she has seen it."""
        return [drafts.finding_key(found) for found in self.release.findings]


def checked_for_publication(world: World, bundle: Bundle) -> Checked:
    """Look at a bundle as the page does before it is published."""
    services = world.program.services
    with world.database.transaction(write=False) as tx:
        live = services.current(tx)
    release = check_release(services, bundle)
    flows = check_flows(services, live, bundle, "en")
    evidence = gather_evidence(services, live.bundle, bundle, handlers={})
    return Checked(release, flows, evidence)
