"""A rule that rests on a ground which cannot bear it is a finding with its row."""

from __future__ import annotations

import base64
import json
from datetime import date
from functools import cache

import pytest

from service.engine import Files
from service.errors import Finding
from service.forms import Form
from service.release.bundle import CONFIG, Bundle
from service.release.consent_texts import read_consent_texts
from service.release.ground_checks import SENTENCES, force_findings, ground_findings
from service.release.prepared import files_of
from service.release.programme.ground_rules import FILE, read_grounds
from service.sandbox.release_linting import answer_one
from service.text import finding_text
from tests.support.local_handlers import TOPICS
from tests.support.small_desk import two_tasks
from tests.support.world import shipped

GRANTS, GROUNDS, REFERRALS = "grants.toml", FILE, "referrals.toml"
ADVICE = '["NODVANDIGT_10_2", "OVERFORING_IOM"]'


@cache
def shipped_parts() -> tuple[dict[str, Form], Files]:
    """Forms and diagrams of the shipped release, read once."""
    files, forms, _ = files_of(shipped(), TOPICS)
    return forms, files


def with_change(name: str, old: str, new: str) -> Bundle:
    text = shipped().text(CONFIG + name)
    assert old in text
    return shipped().with_file(CONFIG + name, text.replace(old, new, 1).encode())


def found(bundle: Bundle) -> list[Finding]:
    """What is wrong, without the hint that no lawyer has confirmed anything."""
    every = ground_findings(bundle, *shipped_parts())
    return [one for one in every if one.code != "K135"]


def test_what_is_shipped_has_one_hint_that_no_lawyer_has_confirmed_it() -> None:
    (one,) = ground_findings(shipped(), *shipped_parts())
    assert (one.code, one.severity) == ("K135", "I")
    grounds = read_grounds(shipped().text(CONFIG + FILE))
    assert all(
        f"{ground.id} [{grounds.digest(ground.id)}]" in one.message for ground in grounds.grounds
    )
    assert list(force_findings(shipped(), date(2026, 12, 2))) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "sentence"),
    [
        (
            *(REFERRALS, ADVICE, '"NODVANDIGT"', "K130"),
            "ADVICE rests on NODVANDIGT, which grounds.toml does not have",
        ),
        (
            *(GRANTS, 'ground = "UTLANDSK_8_3"', 'ground = "UTLANDSK"', "K130"),
            "G9 rests on UTLANDSK, which grounds.toml does not have",
        ),
        (
            *(REFERRALS, ADVICE, '"BROTTSBEKAMPNING_2025"', "K131"),
            "ADVICE rests on BROTTSBEKAMPNING_2025, which may be used for duty only",
        ),
        (
            *(GRANTS, 'ground = "UTLANDSK_8_3"', 'ground = "ANDRA_26_1"', "K131"),
            "G9 rests on ANDRA_26_1, which may be used for mask, refusal only",
        ),
        (
            *(REFERRALS, ADVICE, '"NODVANDIGT_10_2"', "K132"),
            "ADVICE lets IOM_MISSION give on NODVANDIGT_10_2, which that kind of office may not",
        ),
        (
            *(
                GRANTS,
                '["UPPGIFTSSKYLDIGHET_10_28", "OVERFORING_IOM"]',
                '"NODVANDIGT_10_2"',
                "K132",
            ),
            "G4 lets IOM_MISSION give on NODVANDIGT_10_2, which that kind of office may not use",
        ),
        (
            *(GROUNDS, 'owner = ["MYNDIGHET"]\n\n# ground', 'owner = ["LAN"]\n\n# ground', "K134"),
            "secrecy SUPPORT names the kind of office LAN, which vocabulary.toml does not have",
        ),
    ],
)
def test_a_ground_that_cannot_bear_its_rule_is_refused(
    name: str, old: str, new: str, code: str, sentence: str
) -> None:
    every = found(with_change(name, old, new))
    one = next(one for one in every if one.code == code)
    assert {other.code for other in every} == {code}
    assert (one.severity, one.file) == ("E", CONFIG + name)
    assert one.message.startswith(sentence)
    assert one.line > 1


def test_the_general_clause_does_not_lift_the_secrecy_of_social_services() -> None:
    every = found(with_change(REFERRALS, ADVICE, '["GENERALKLAUSUL_10_27", "NOD"]'))
    assert {one.code for one in every} == {"K133"}
    assert {one.facts["names"] for one in every} == {"SOCIALTJANST", "REGIONKOORDINATOR"}
    assert {one.facts["other"] for one in every} == {"SOCIAL (26 kap. 1 § OSL)"}


def test_the_general_clause_does_not_lift_the_secrecy_of_health_care() -> None:
    text = shipped().text(CONFIG + GROUNDS)
    row = 'paragraph = "25 kap. 1 § OSL"\n'
    assert row in text
    care = text.replace(row, f'{row}owner = ["MYNDIGHET"]\n', 1).encode()
    grants = shipped().text(CONFIG + GRANTS)
    g3 = grants.index('element = "Svc_NotifyIomHelsinki"')
    changed = grants[:g3] + grants[g3:].replace("SAMTYCKE_12_2", "GENERALKLAUSUL_10_27", 1)
    bundle = (
        shipped().with_file(CONFIG + GROUNDS, care).with_file(CONFIG + GRANTS, changed.encode())
    )
    (one,) = found(bundle)
    assert (one.code, one.facts["place"], one.facts["names"]) == ("K133", "G3", "MYNDIGHET")
    assert one.facts["other"] == "HEALTH (25 kap. 1 § OSL)"


def test_a_secrecy_of_some_classes_is_no_hindrance_where_others_are_given() -> None:
    row = 'paragraph = "26 kap. 1 § OSL"\n'
    clause = with_change(REFERRALS, ADVICE, '["GENERALKLAUSUL_10_27", "NOD"]')
    text = clause.text(CONFIG + GROUNDS)
    for classes, codes in (('["C3"]', set()), ('["C0"]', {"K133"})):
        narrowed = text.replace(row, f"{row}classes = {classes}\n", 1).encode()
        of_urgency = found(clause.with_file(CONFIG + GROUNDS, narrowed))
        assert {one.code for one in of_urgency} == codes


def test_a_ground_that_nothing_uses_is_no_finding() -> None:
    rules = "".join(shipped().text(CONFIG + name) for name in (GRANTS, REFERRALS))
    assert "MYNDIGHET_10_15A" not in rules
    assert found(shipped()) == []


def test_a_ground_that_has_ended_or_not_begun_is_a_warning() -> None:
    id_ = 'paragraph = "8 kap. 3 § OSL"\nfrom = 2009-06-30\n'
    bundle = with_change(GROUNDS, id_, f"{id_}to = 2026-12-31\n")
    assert list(force_findings(bundle, date(2026, 12, 31))) == []
    for day in (date(2027, 1, 1), date(2009, 6, 29)):
        one = next(one for one in force_findings(bundle, day) if one.facts["place"] == "G9")
        assert (one.code, one.severity, one.file) == ("K129", "W", CONFIG + GRANTS)
        assert "which is in force from 2009-06-30 to 2026-12-31 only" in one.message
    assert found(bundle) == [], "the linter itself asks no clock"


@pytest.mark.slow
def test_who_lints_on_a_day_is_told_of_what_has_ended() -> None:
    id_ = 'paragraph = "8 kap. 3 § OSL"\nfrom = 2009-06-30\n'
    packed = base64.b64encode(with_change(GROUNDS, id_, f"{id_}to = 2026-12-31\n").pack())
    for day, codes in (("2026-12-31", 0), ("2027-01-01", 1), (None, 0)):
        asked = {"do": "lint", "bundle": packed.decode(), "name": "", "today": day}
        said = json.loads(answer_one(json.dumps({**asked, "parts": "files"})))
        assert [one["code"] for one in said["files"]].count("K129") == codes


def test_a_confirmation_is_asked_for_until_it_counts() -> None:
    text = shipped().text(CONFIG + GROUNDS)
    digest = read_grounds(text).digest("NOD")
    signed = f'[confirmed]\nNOD = "Anna Ask, jurist, 2026-12-01 [{digest}]"\n{text}'
    bundle = shipped().with_file(CONFIG + GROUNDS, signed.encode())
    (one,) = ground_findings(bundle, *shipped_parts())
    assert one.code == "K135"
    assert "NOD [" not in one.message
    changed = bundle.with_file(
        CONFIG + GROUNDS, signed.replace("1994-07-01", "1994-07-02").encode()
    )
    (late,) = found(changed)
    assert (late.code, late.severity) == ("K136", "I")
    assert late.message.startswith("The confirmation does not count")


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_text_of_a_consent_says_that_there_are_duties(lang: str) -> None:
    said = read_grounds(shipped().text(CONFIG + FILE)).consents
    texts = read_consent_texts(shipped())
    assert {one for purpose in texts.purposes for one in texts.languages(purpose)} == said.keys()
    file = f"{CONFIG}consents/REFER.{lang}.md"
    text = shipped().text(file)
    assert said[lang] in text
    (one,) = found(shipped().with_file(file, text.replace(said[lang], "").encode()))
    assert (one.code, one.severity, one.file) == ("K150", "W", file)
    assert said[lang] in one.message
    wrapped = text.replace(said[lang], said[lang].replace(" ", "\n", 3))
    assert found(shipped().with_file(file, wrapped.encode())) == []


def test_of_what_cannot_be_read_nothing_is_said() -> None:
    parts = shipped_parts()
    assert list(ground_findings(two_tasks(), *parts)) == []
    assert list(force_findings(two_tasks(), date(2026, 12, 1))) == []
    for broken in (b"= no", b"[[ground]]\nid = 1"):
        assert found(shipped().with_file(CONFIG + GROUNDS, broken)) == []
    assert found(shipped().with_file(CONFIG + REFERRALS, b"= no")) == []


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_is_swedish_too(code: str) -> None:
    names = ("place", "name", "names", "other", "first", "last")
    facts: dict[str, object] = {name: f"<{name}>" for name in names}
    english = SENTENCES[code].format_map(facts)
    swedish = finding_text(code, english, facts, "sv")
    assert swedish != english
    assert {name for name in names if f"<{name}>" in swedish} == {
        name for name in names if f"<{name}>" in english
    }
