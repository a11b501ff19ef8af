"""The buttons that send a message: only while the diagram waits for it."""

from __future__ import annotations

from service.casework.pages.message_buttons import (
    MessageButton,
    message_buttons,
    message_name,
    message_text,
)
from service.security.keyring import Keyring
from tests.casework.pages.conftest import FORM, START
from tests.casework.pages.views import view
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.world import World, open_world


def test_a_message_has_a_button_while_the_case_waits_for_it(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        (button,) = message_buttons(view(tx, desk, case))
    assert button == MessageButton("m", "Leave", "", danger=False)
    desk.do(case, "a")
    with desk.database.transaction(write=False) as tx:
        assert message_buttons(view(tx, desk, case)) == []


def test_a_message_is_called_as_the_programme_says(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        at = view(tx, desk, case)
    drawn = at.visibility.definition.elements["a"]
    assert message_name(at, drawn, "no_such_message") == "A"
    assert message_text(at, "no_such_message") == ""
    assert message_name(at, drawn, "withdraw") == "Avsluta deltagandet"
    assert message_text(at, "withdraw").startswith("Personen vill inte")


def test_an_event_sub_process_has_a_button_while_its_scope_lives(
    database_url: str, keyring: Keyring
) -> None:
    settings = d.ext(FORM + d.props(roles=ROLE))
    begin = d.start("k", settings + d.message(), name="Leave")
    esp = d.sub("es", begin + small.person("c") + d.end("l"), "k>c c>l", triggeredByEvent="true")
    inside = d.start("i") + small.person("a") + d.end("o") + esp
    frame = d.sub("frame", inside, "i>a a>o", d.ext(d.props(stage="1")))
    body = small.begin(id_=START) + small.person("b") + frame + d.end()
    bundle = small.bundle(d.diagram(body, f"{START}>b b>frame frame>e"))
    desk = open_world(database_url, keyring, bundle)
    case = desk.start(element=START).case_id

    def buttons() -> list[str]:
        with desk.database.transaction(write=False) as tx:
            return [button.message for button in message_buttons(view(tx, desk, case))]

    assert buttons() == []
    desk.do(case, "b")
    assert buttons() == ["m"]
    desk.database.close()
