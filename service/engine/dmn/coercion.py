"""Implicit conversion of a result to its declared type.

Source: DMN 1.3, 10.3.2.9.4: to a list of one, from a list of one, as it is where it conforms, else
null.
"""

from __future__ import annotations

from service.engine.feel import types
from service.engine.feel.types import Type
from service.engine.feel.values import Value, kind_of


def coerced(value: Value, declared: Type) -> Value:
    """The value as the declared type has it; None when it does not conform."""
    if value is None or conforms(value, declared):
        return value
    if declared.kind == "list":
        return [value] if conforms(value, types.item(declared)) else None
    if type(value) is list and len(value) == 1 and conforms(value[0], declared):
        return value[0]
    return None


def conforms(value: Value, declared: Type) -> bool:
    """Whether a value is of a type; nothing conforms to every type, and each part counts."""
    if value is None or declared.kind in types.OPEN_KINDS:
        return True
    if kind_of(value) != declared.kind:
        return False
    if type(value) is list:
        inner = types.item(declared)
        return all(conforms(part, inner) for part in value)
    if type(value) is dict:
        fields = declared.fields.items()
        return all(name in value and conforms(value[name], kind) for name, kind in fields)
    return True


def may_fit(given: Type, declared: Type) -> bool:
    """Whether values of the given type are converted to the declared one; a list loses all but its
    only item, so it does not fit one value.
    """
    return types.may_equal(given, declared) or (
        declared.kind == "list" and types.may_equal(given, types.item(declared))
    )


def fitted(given: Type, declared: Type) -> Type:
    """The type of a value of the given type after it was converted.

    Where the table itself says more, such as the texts that it can give, that counts.
    """
    if given.kind == declared.kind or declared.kind in types.OPEN_KINDS:
        return given
    if given.kind in types.OPEN_KINDS:
        return declared
    return types.list_of(given) if declared.kind == "list" else types.item(given)
