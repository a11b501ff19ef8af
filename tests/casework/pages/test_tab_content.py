"""A tab that brings no answers is of the class of process facts."""

from __future__ import annotations

from service.casework.pages.tab_content import TabContent


def test_process_facts_are_what_a_tab_holds_by_itself() -> None:
    assert TabContent({}).classes == {"C0"}
