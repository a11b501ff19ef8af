"""What the interface says of itself to programs that ask: name, version, where it is described."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from service import VERSION
from service.web.api.v1.operations import Reply, operation
from service.web.request_context import current

NAME = "Tresteg"
RELEASED = date(2026, 11, 27)
"""Day on which `/v1` was first released, with Tresteg 0.2.0."""


@dataclass(frozen=True, slots=True)
class ApiInfo:
    """The interface by the names of Sweden's REST API profile (VER.07). `apiReleased` is the day on
    which this major version was first released; `apiVersion` is that of the program, which counts
    on when the interface gets more.
    """

    apiName: str  # noqa: N815  # the profile's names
    apiVersion: str  # noqa: N815  # as above
    apiReleased: date  # noqa: N815  # as above
    apiDocumentation: str  # noqa: N815  # as above
    apiStatus: Literal["active"]  # noqa: N815  # as above


@operation("get_api_info", "GET", "/api-info", gives=ApiInfo, signed_in=False)
def get_api_info() -> Reply:
    """Name, version and state of the interface, and where it is described."""
    documentation = f"{current().program.settings.base_url}/api"
    return Reply(ApiInfo(NAME, VERSION, RELEASED, documentation, "active"))
