"""The fault of a FEEL text that is refused, as tests ask for it."""

from __future__ import annotations

from typing import Any

import pytest

from service.engine.feel import Expression, FeelError

NAMES = ["age", "risk", "days", "cases"]


def fault(text: str, names: Any = NAMES, *, unary: bool = False) -> FeelError:
    with pytest.raises(FeelError) as caught:
        Expression(text, names, unary=unary)
    assert caught.value.message
    return caught.value
