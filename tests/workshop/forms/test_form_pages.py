"""The list of a draft's forms: title, questions, steps, findings, and what changed."""

from __future__ import annotations

from pathlib import Path

from service.engine import Expression
from service.forms import inspect_form
from service.workshop.forms import form_pages
from service.workshop.forms.form_file import read_form_file
from tests.support.world import World, shipped

NAME = "forms/acknowledge.form"


def test_each_form_names_its_steps_and_its_findings(shipped_world: World) -> None:
    services = shipped_world.program.services
    bundle = shipped().with_file(NAME, b"{").with_file("forms/new.form", shipped().files[NAME])
    draft = form_pages.load_draft_forms(bundle, services, "en")
    entries = {entry.id: entry for entry in form_pages.form_entries(draft, shipped())}
    assert set(entries) == {Path(one).stem for one in bundle.files if one.startswith("forms/")}
    broken, decision = entries["acknowledge"], entries["referral_decision"]
    assert (broken.readable, broken.state, broken.title) == (False, "changed", "acknowledge")
    assert broken.errors > 0
    assert (decision.title, decision.state) == ("Decision on the referral", "same")
    assert [use.name for use in decision.uses] == ["Notification: approve the request"]
    assert entries["new"].state == "new"


def test_a_copy_asks_the_same_under_another_name() -> None:
    form = read_form_file(shipped().files[NAME], NAME)
    copied = form_pages.copied_form(form, "again", {"sv": "Igen", "en": "Again"})
    assert form_pages.form_title(copied, "en") == "Again"
    assert form_pages.form_title(form, "en") != "Again"
    findings = inspect_form(copied.dump(), name=copied.name, feel=Expression)[1]
    assert findings == []
    assert all("_again_" in address for address in copied.by_address())
