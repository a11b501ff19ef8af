"""Variables with types, as FEEL texts of the tests read them."""

from __future__ import annotations

from service.engine.feel.types import Type

# ---- types


RISK = Type("context", fields={"level": Type("string", ("LOW", "HIGH")), "days": Type("number")})
TYPED = {
    "risk": RISK,
    "age": Type("number"),
    "name": Type("string"),
    "size": Type("string", ("SMALL", "LARGE")),
    "on": Type("date"),
    "at": Type("date and time"),
    "flag": Type("boolean"),
    "codes": Type("list", ("A", "B")),
    "free": Type("any"),
}
