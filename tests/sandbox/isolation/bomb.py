"""A child whose task starts as many processes as it can, and says how many; none ends by itself."""

from __future__ import annotations

import json
import os

from service.sandbox.child import serve
from service.sandbox.isolation.confinement import PROCESSES

LONGEST = 100


def burst(_: str) -> str:
    started = 0
    try:
        while started < 10 * PROCESSES:
            if os.fork() == 0:
                os.closerange(3, 64)  # or it would hold the channel of the answer open
                os.read(os.pipe()[0], 1)
            started += 1
    except OSError:
        pass
    return json.dumps(started)


def main() -> None:
    serve(burst, longest=LONGEST)


if __name__ == "__main__":
    main()
