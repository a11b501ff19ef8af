"""The register of processing says all that a release knows, in both languages."""

from __future__ import annotations

from functools import cache

import pytest

from service.access import CLASSES
from service.release.bundle import Bundle
from service.text import languages
from service.workshop.register.parts import RegisterHost, RegisterLine, RegisterText
from service.workshop.register.register import ANNEX, REGISTER, write_text
from service.workshop.register.source import RegisterSource, processes_of
from service.workshop.register.written import as_markdown
from tests.support.world import shipped
from tests.workshop.data_flow.test_wider import services, with_text

KINDS = (REGISTER, ANNEX)
BOTH = pytest.mark.parametrize("lang", languages())
VOCABULARY = "workflows/config/vocabulary.toml"


def text(
    kind: str = REGISTER,
    process: str = "return_case",
    lang: str = "en",
    bundle: Bundle | None = None,
    host: RegisterHost | None = None,
) -> RegisterText:
    """A text of the shipped release, or of another bundle."""
    return write_text(
        kind,
        services(),
        bundle or shipped(),
        process,
        lang,
        release="v1",
        host=host or RegisterHost(),
    )


@cache
def every(kind: str, lang: str) -> tuple[RegisterText, ...]:
    """The text of each process."""
    return tuple(text(kind, one, lang) for one in processes_of(services(), shipped()))


def lines(texts: tuple[RegisterText, ...], section: str) -> dict[str, RegisterLine]:
    """Lines of a section of several texts, by key."""
    found = [part for one in texts for part in one.sections if part.id == section]
    return {line.key: line for part in found for line in part.lines}


@cache
def source() -> RegisterSource:
    return RegisterSource(services(), shipped(), "return_case", "en")


def test_each_process_that_somebody_begins_has_its_register_the_main_one_first() -> None:
    main, *others = processes_of(services(), shipped())
    assert main == "return_case"
    assert others == ["complaint", "consultation", "returnee_says"]


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_every_class_and_question_of_the_release_is_in_it(kind: str, lang: str) -> None:
    found = [line for one in every(kind, lang) for line in lines((one,), "data").values()]
    assert {line.key.split(" ")[0] for line in found} == set(CLASSES)
    parts = {(line.key[:2], part) for line in found for part in line.parts}
    asked = RegisterSource(services(), shipped(), "return_case", lang)
    steps = {step.node.form for step in asked.side.steps()}
    worded: dict[tuple[str, str], set[str]] = {}
    for form in (asked.side.forms[id_] for id_ in steps & set(asked.side.forms)):
        for path, field in form.walk():
            if field.kind != "paragraph" and field.label:
                key = (field.data_class, path)
                worded.setdefault(key, set()).add(form.say(field.label, lang))
    for (klass, path), words in worded.items():
        assert any((klass, word) in parts for word in words), (klass, path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_grant_and_referral_of_the_release_is_in_it(kind: str) -> None:
    configuration = source().configuration
    openings = lines(every(kind, "en"), "openings")
    for row in configuration.grants.grants:
        mine = [
            line
            for key, line in openings.items()
            if key.startswith(f"{row.rule} {row.element} {row.moment} {row.role} ")
        ]
        assert mine, row
        assert any(source().grounds(row.grounds) in line.text for line in mine), row
        for purpose in row.consents:
            assert any(source().words.purpose(purpose) in line.text for line in mine), row
    referrals = lines(every(kind, "en"), "referrals")
    assert {f"hand {row.id}" for row in configuration.referrals.purposes} <= set(referrals)
    assert {f"step {id_}" for id_ in configuration.grants.referrals} <= set(referrals)


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_every_provider_and_retention_rule_of_the_release_is_in_it(kind: str, lang: str) -> None:
    providers = lines(every(kind, lang), "providers")
    for channel in services().programme.channels.values():
        assert providers[channel.id].name == channel.name(lang)
    rules = lines(every(kind, lang), "retention")
    plan = source().configuration.retention
    assert set(rules) == {rule.id for rule in plan.rules}
    for rule in plan.rules:
        ground = plan.ground(rule.ground)
        assert ground is not None
        assert ground.number in rules[rule.id].text


def test_a_step_with_several_ends_of_a_grant_is_one_line() -> None:
    (line,) = [
        line
        for key, line in lines((text(),), "openings").items()
        if key.startswith("G4 Call_ChildBestInterests")
    ]
    assert line.text.count("Until ") == 3
    assert line.text.endswith("What comes first counts.")


def test_offices_outside_are_transfers() -> None:
    found = lines((text(),), "transfers")
    assert set(found) == {"IOM_MISSION", "PARTNER_ABROAD"}
    assert "international organisation" in found["IOM_MISSION"].text
    gone = with_text(VOCABULARY, 'outside = "organisation"\n', "")
    assert set(lines((text(bundle=gone),), "transfers")) == {"PARTNER_ABROAD"}


def test_what_the_installation_has_not_said_is_missing() -> None:
    (answers,) = [part for part in text().sections if part.id == "answers"]
    for word in ("Social services", "Authority", "name, contact, data-protection officer"):
        assert word in answers.missing
    host = RegisterHost("The county board", "registry@example.org", "dpo@example.org")
    (known,) = [part for part in text(host=host).sections if part.id == "answers"]
    assert "whoever runs the service:" not in known.missing
    said = known.lines[-1].text
    assert "The county board, registry@example.org" in said
    assert "dpo@example.org" in said


def test_the_annex_says_who_sees_what_in_each_stage_and_what_lies_open() -> None:
    annex = (text(ANNEX),)
    sight = lines(annex, "sight")
    assert len(sight) == 4 * len(source().roles)
    assert "sensitive answers (C2): headlines" in sight["IomHelsinki x"].text
    assert sight["RegionalCoordinator x"].text == "the process (C0): headlines"
    assert any("Health" in part for part in sight["IomMedical 2"].parts)
    steers = lines(annex, "open")["steers C2"]
    assert "Detained" in steers.parts


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_written_in_whole_sentences_without_a_raw_name(kind: str, lang: str) -> None:
    for one in every(kind, lang):
        written = as_markdown(one)
        assert written.startswith(f"# {one.title}: {one.process}")
        for section in one.sections:
            assert section.lines or section.empty, section.id
            for line in section.lines:
                assert line.name, (section.id, line.key)
                assert line.text[-1] in ".:" or section.id == "sight", line
        for raw in ("SAMTYCKE_12_2", "IOM_MISSION", "IomLocal", "SHARE_HEALTH", "{", "own-office"):
            assert raw not in written, raw


def test_names_in_a_row_begin_with_small_letters() -> None:
    lines = {line.key: line for section in text().sections for line in section.lines}
    assert lines["R4"].name == "A case of an adult, a case of a child"
    assert "for the own office alone, the person, the child" in lines["others"].text
