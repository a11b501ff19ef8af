"""The local office answers IOM Helsinki in step 1: its task alone opens the case to it."""

from __future__ import annotations

import pytest

from service.errors import NotFound
from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow


def test_it_answers_by_its_task_and_sees_process_facts_alone(begin: Begin) -> None:
    story = begin("hold-cleared")
    story.until("Task_LocalContact")
    assert "Task_LocalContact" in story.open()
    with story.program.database.transaction(write=False) as tx:
        fields = story.program.services.current(tx).outer_fields
    offices = ("socialtjansten-exempelstad", "iom-helsinki", "lansstyrelsen-stockholm")
    seen = {
        klass
        for key, (klass, _) in fields.items()
        for office in offices
        if story.sees("iva", key, office)
    }
    assert seen == {"C0"}
    story.until("Task_SignApplication")
    assert story.answer("localContactReply") == "CAN_RECEIVE"
    with pytest.raises(NotFound):
        story.sees("iva", "localContactReply", "iom-sofia")
