"""Changed configuration is said in words, in its class; a role that sees more is named."""

from __future__ import annotations

import pytest

from service.release.bundle import CONFIG, Bundle
from service.workshop.comparison.diff import diff_bundles
from service.workshop.comparison.release_changes import ReleaseChange
from tests.support.local_handlers import TOPICS
from tests.support.world import shipped


def changes(name: str, old: str, new: str) -> list[ReleaseChange]:
    bundle = shipped()
    text = bundle.text(CONFIG + name)
    assert old in text
    changed = bundle.with_file(CONFIG + name, text.replace(old, new, 1).encode())
    return list(diff_bundles(bundle, changed, TOPICS, "en"))


@pytest.mark.parametrize(
    ("name", "old", "new", "kind", "sentence"),
    [
        (
            *("visibility.toml", '1 = "FFF-"\n2 = "F---"', '1 = "FFF-"\n2 = "F-S-"', "who"),
            (
                "Case approver will also see sensitive answers (C2) in the stage Planning and "
                "preparation: was nothing, is now headlines."
            ),
        ),
        (
            *("visibility.toml", '1 = "FFF-"\n2 = "F---"', '1 = "FF--"\n2 = "F---"', "who"),
            (
                "Case approver will see less of sensitive answers (C2) in the stage Information "
                "and support: was everything, is now nothing."
            ),
        ),
        (
            *("grants.toml", 'groups = ["needs"]\n', "", "who"),
            "When cases open, G6, Local IOM office, only the part: was Needs, is now everything.",
        ),
        (
            *("parties.toml", 'to = "country"', 'to = "only"', "who"),
            (
                "Who gets the roles, Local IOM office, “Returns to”, to: was the office of the "
                "country, is now the only office with the role."
            ),
        ),
        (
            *("reminders.toml", "[0, 2]", "[0, 2, 5]", "who"),
            "Reminders, When the deadline has passed, working days: new 5.",
        ),
        (
            *("retention.toml", 'after = "P30D"', 'after = "P60D"', "config"),
            "Retention, R1, after: was P30D, is now P60D.",
        ),
        (
            *("retention.toml", 'does = "lock"', 'does = "review"', "config"),
            "Retention, R3, what happens: was locked, is now reviewed by the office.",
        ),
        (
            *("process.toml", "SHARE_HEALTH = 6", "SHARE_HEALTH = 12", "config"),
            (
                "Questions and roles that pages rely on, How long consents last, in months, share "
                "health data: was 6, is now 12."
            ),
        ),
        (
            *("corrections.toml", '"Task_GoNoGo",', "", "route"),
            (
                "Corrections, General, decisions that are never corrected: gone “Final check: go "
                "or no go”."
            ),
        ),
        (
            *("task_pages.toml", 'en = "The plan"', 'en = "Your plan"', "text"),
            "Beside the task, Your plan, heading: was The plan, is now Your plan.",
        ),
    ],
)
def test_a_change_is_one_sentence(name: str, old: str, new: str, kind: str, sentence: str) -> None:
    (one,) = changes(name, old, new)
    assert (one.kind, one.text, one.file) == (kind, sentence, CONFIG + name)


def test_a_narrowing_that_goes_says_that_more_is_seen() -> None:
    row = '[[narrow]]\nrole = "IomMedical"\nstage = [2]\nclass = "C1"\nonly = ["name"]\n'
    (one,) = changes("visibility.toml", row, "")
    assert "IOM medical is no longer narrowed like this, and may see more" in one.text


def test_a_comment_alone_is_no_change_of_what_counts() -> None:
    (one,) = changes("grants.toml", "# What opens", "# All that opens")
    assert "Nothing that runs or is shown is different" in one.text


def test_a_new_file_is_compared_with_the_installations() -> None:
    bundle, name = shipped(), "visibility.toml"
    text = bundle.text(CONFIG + name)
    before = Bundle({n: c for n, c in bundle.files.items() if n != CONFIG + name})
    after = bundle.with_file(CONFIG + name, text.replace('"FFF-"', '"FFFF"', 1).encode())
    said = [c.text for c in diff_bundles(before, after, TOPICS, "en", installed={name: text})]
    assert any("will also see" in one for one in said)
    assert any("now belongs to the release" in one for one in said)


def test_a_first_plan_of_retention_shows_every_rule() -> None:
    """The one in the folder erased nothing before, so what it says is new."""
    name = "retention.toml"
    after, text = shipped(), shipped().text(CONFIG + name)
    before = Bundle({n: c for n, c in after.files.items() if n != CONFIG + name})
    said = [c.text for c in diff_bundles(before, after, TOPICS, "en", installed={name: text})]
    assert sum("Retention, new: R" in one for one in said) == text.count("[[rule]]"), said
