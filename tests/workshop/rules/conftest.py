"""The rules of the shipped release, as a draft of it has them, and with other files."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from service.release.bundle import Bundle
from service.sandbox.handlers import declared
from service.sandbox.release_linting import SHARED
from service.workshop.rules.draft_rules import DraftRules, load_rules
from tests.support.world import shipped

Rules = Callable[..., DraftRules]
ELIGIBILITY = "workflows/eligibility.dmn"


@pytest.fixture
def rules() -> Rules:
    """Reads the shipped rules in a language, some files replaced."""

    def read(lang: str = "en", *, linted: bool = False, **files: bytes) -> DraftRules:
        changed = {f"workflows/{name}.dmn": content for name, content in files.items()}
        bundle = Bundle({**shipped().files, **changed})
        services = SimpleNamespace(topics=declared(), judge=SHARED.findings)
        return load_rules(bundle, services, lang, linted=linted)  # type: ignore[arg-type]  # the rest of services is not asked

    return read


def eligibility(old: str = "", new: str = "") -> bytes:
    """The shipped rule, with one text changed."""
    text = shipped().text(ELIGIBILITY)
    assert old in text
    return text.replace(old, new, 1).encode() if old else text.encode()
