"""Comparison of random cases with themselves and with random drafts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.engine.generated.block_drawing import draw
from tests.engine.generated.blocks import Blocks
from tests.engine.generated.test_random import TYPES
from tests.engine.reruns import judged, lived, summary
from tests.engine.walks import definition
from tests.support.scale import figure, seeded

RUNS = figure("drafts")


@pytest.mark.parametrize("group", range(5))
def test_a_random_case_on_its_own_definition_is_the_same(group: int) -> None:
    for seed in range(group, RUNS, 5):
        walk = lived(seed, definition(draw(Blocks(seed).whole()), types=TYPES))
        if walk is not None:
            with seeded(seed):
                verdict = judged(walk, walk.definition)
                assert (summary(verdict), verdict.ends) == (("same", "", 0), walk.turn.ends)


@pytest.mark.parametrize("group", range(5))
def test_an_inserted_task_is_asked_for_where_the_case_came_by(group: int) -> None:
    for seed in range(group, RUNS, 5):
        blocks = Blocks(seed)
        whole = blocks.whole()
        walk = lived(seed, definition(draw(whole), types=TYPES))
        if walk is None:
            continue
        with seeded(seed):
            verdict = judged(
                walk,
                definition(draw(replace(whole, part=blocks.inserted(whole.part))), types=TYPES),
            )
            interrupts = {f"{sub.id}e" for sub in whole.subs if sub.interrupting}
            if verdict.fact == 1 and interrupts & set(walk.turn.ends):
                # the task was open at once, and what interrupted the case took it away
                assert verdict.kind != "same"
                continue
            came_by = "en" in walk.turn.ends or verdict.fact == 1
            assert (verdict.kind, verdict.element[:3]) == (
                ("asks more", "new") if came_by else ("same", "")
            )


def test_random_cases_on_random_drafts_get_every_verdict() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(RUNS):
        blocks = Blocks(seed)
        whole = blocks.whole()
        if (walk := lived(seed, definition(draw(whole), types=TYPES))) is not None:
            with seeded(seed):
                draft = definition(draw(blocks.edited(whole)), types=TYPES)
                verdict = judged(walk, draft)
                kinds[verdict.kind] += 1
                assert verdict.visited <= set(draft.elements)
                assert (verdict.fact == 0) == (verdict.kind == "same")
    assert kinds.keys() >= {"same", "other way", "asks more", "no longer asked"}
