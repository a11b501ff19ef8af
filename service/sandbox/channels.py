"""The child process that hands messages to channels of installed packages: the one with a network.

It gets the message that leaves and nothing else of the case.
"""

from __future__ import annotations

import json
import sys
from typing import Final

from service.sandbox import installed_packages
from service.sandbox.child import serve

ANSWER_MOST: Final = 64 * 1024
"""Longest answer, in bytes: whether it was delivered."""
SETTINGS: Final = "/etc/tresteg/channels"
"""The folder for what a channel must know and no package holds: addresses, certificates, tokens of
a provider."""
READS: Final = (
    SETTINGS,
    *("/etc/resolv.conf", "/run/systemd/resolve", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf"),
    *("/etc/nsswitch.conf", "/etc/services", "/etc/protocols", "/etc/mime.types"),
    *("/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted"),
    *("/usr/share/ca-certificates", "/usr/local/share/ca-certificates"),
)
"""What finds other machines, and says which of them to trust."""


def main() -> None:
    """Be the child."""
    installed_packages.hear(sys.argv[1])
    serve(
        lambda line: installed_packages.deliver(json.loads(line)),
        longest=ANSWER_MOST,
        network=True,
        reads=READS,
    )


if __name__ == "__main__":
    main()
