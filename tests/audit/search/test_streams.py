"""Changes outside the cases: page by page, and nothing that is no change."""

from __future__ import annotations

from service.audit.search import streams
from service.records.context import actor
from service.records.ledger_append import append_entry
from tests.support.world import World


def test_pages_go_on_where_the_last_one_ended(shipped_world: World) -> None:
    greta, services = shipped_world.loaded_viewer("greta"), shipped_world.program.services
    name, now = f"office/{greta.office}", shipped_world.clock.now()
    with shipped_world.database.transaction() as tx:
        for kind in ("role_given", "sign_out", "role_taken"):
            body = {} if kind == "sign_out" else {"person": greta.person, "role": "auditor"}
            append_entry(tx, name, kind, by=actor(greta), now=now, body=body)
    with shipped_world.database.transaction(write=False) as tx:
        first = streams.load_stream(tx, services, name, before=None, lang="en", limit=1)
        second = streams.load_stream(tx, services, name, before=first.older, lang="en", limit=1)
    assert [page.rows[0].what for page in (first, second)] == [
        "A role was taken away",
        "A role was given",
    ]
