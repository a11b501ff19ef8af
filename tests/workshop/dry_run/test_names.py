"""Names are those of the drawing when the run began, in the reader's language."""

from __future__ import annotations

from service.workshop.dry_run.dry_run_words import DryRunNames, kept_names
from tests.workshop.dry_run.conftest import SWAPPED, Trial


def test_steps_ways_and_fields_have_names(trial: Trial) -> None:
    services = trial.desk.program.services
    draft = services.prepared.build(SWAPPED, process=services.programme.process)
    with trial.desk.database.transaction(write=False) as tx:
        base = services.current(tx)
    names = DryRunNames(kept_names(draft, base, "p"), base.forms, "sv")
    assert (names.element("a"), names.element("g")) == ("Fråga", "Ja?")
    assert names.way("g_b").startswith("Ja? → ")
    assert names.field("answer") == "Answer"
    assert names.field("unknown") == "unknown"
    assert names.kept["choices"] == ["g_b", "g_c"]
