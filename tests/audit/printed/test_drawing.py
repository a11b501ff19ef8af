"""A plane as SVG: whole, with signs for what is done and what goes on."""

from __future__ import annotations

from lxml import etree

from service.audit.printed.plane_drawing import LOOKS, SIGNS, draw_plane
from service.casework.casefile.diagram_state import ACTIVE, DONE
from service.engine import drawn_planes
from tests.support.tree import ROOT

FILES = sorted((ROOT / "workflows").glob("*.bpmn"))


def test_every_shipped_plane_becomes_xml_with_all_its_names() -> None:
    for file in FILES:
        for plane in drawn_planes(file.read_bytes()):
            drawing = draw_plane(plane, {}, {})
            root = etree.fromstring(drawing.svg.encode())
            words = " ".join(map(str, root.itertext())).split()
            for shape in plane.shapes:
                assert set(shape.name.split()) <= set(words), (file.name, shape.id)
            left, top, right, bottom = plane.corners
            assert drawing.width > right - left
            assert drawing.height > bottom - top


def test_a_state_is_a_sign_and_a_line_not_a_colour_alone() -> None:
    plane = drawn_planes((ROOT / "workflows" / "return_case.bpmn").read_bytes())[0]
    states = {"Sub_Step1": DONE, "Sub_Step2": ACTIVE}
    drawn = draw_plane(plane, states, {"Sub_Step1": 3}).svg
    assert drawn.count(SIGNS[DONE]) == 1
    assert drawn.count(SIGNS[ACTIVE]) == 1
    assert "×3" in drawn
    assert f'stroke-dasharray="{LOOKS[ACTIVE][2]}"' in drawn
    assert SIGNS.keys() == LOOKS.keys()


def test_a_name_with_signs_of_xml_is_written_as_text() -> None:
    file = (ROOT / "workflows" / "consultation.bpmn").read_bytes()
    named = file.replace(b'name="', b'name="&lt;/text&gt; &amp; ')
    for plane in drawn_planes(named):
        etree.fromstring(draw_plane(plane, {}, {}).svg.encode())
