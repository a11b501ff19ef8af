"""Networks that requests come from: addresses without the part that names one machine."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from flask import request

NEAR: Final = {4: 24, 6: 64}
"""Bits of an address that name its network, by its version."""


def network() -> str:
    """The /24 or /64 that the request came from; "" when nobody knows."""
    return network_of(request.remote_addr or "")


def network_of(text: str) -> str:
    """The /24 or /64 of an address; "" of what is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return str(ip_network((address, NEAR[address.version]), strict=False))
