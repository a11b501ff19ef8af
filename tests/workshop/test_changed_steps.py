"""The steps that a release changed: those drawn otherwise, and those whose form is another."""

from __future__ import annotations

from service.release.bundle import Bundle
from service.workshop.release_news import changed_steps
from tests.support.world import World, shipped

MAIN = "workflows/return_case.bpmn"
FIRST = "Task_OfferReturnInformation"
APPROVE = "Task_DecideReferral"


def changed_form(form: str, old: str, new: str) -> Bundle:
    """The shipped files with one word of a form changed."""
    name = f"forms/{form}.form"
    text = shipped().text(name)
    assert old in text
    return Bundle({**shipped().files, name: text.replace(old, new, 1).encode()})


def later() -> Bundle:
    """The shipped files with another deadline for the first step."""
    text = shipped().text(MAIN)
    content = text.replace('dueDate="P5D"', 'dueDate="P7D"', 1).encode()
    return Bundle({**shipped().files, MAIN: content})


def test_a_step_changed_when_its_deadline_did(shipped_world: World) -> None:
    services = shipped_world.program.services
    before = services.prepared.ready(shipped().digest)
    shipped_world.publish(later())
    after = services.prepared.ready(later().digest)
    assert before is not None
    assert after is not None
    found = changed_steps(services, before, after, "en")
    assert list(found) == [FIRST]
    step = found[FIRST]
    assert "ReferringPartner" in step.roles
    assert step.changes
    assert "5 days" in step.changes[0]
    assert changed_steps(services, before, after, "en") is found, "compared once"
    assert changed_steps(services, after, after, "en") == {}


def test_a_step_changed_when_its_form_did(shipped_world: World) -> None:
    services = shipped_world.program.services
    bundle = changed_form("referral_decision", "Beslut", "Ställningstagande")
    before = services.prepared.ready(shipped().digest)
    shipped_world.publish(bundle)
    after = services.prepared.ready(bundle.digest)
    assert before is not None
    assert after is not None
    assert list(changed_steps(services, before, after, "sv")) == [APPROVE]
