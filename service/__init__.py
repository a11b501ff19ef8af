"""Tresteg: the return programme as an executable diagram.

`app` puts the program together; README.md says what each package is.
"""

import sys

VERSION = "0.3.0"
OLDEST_PYTHON = (3, 11)
TESTED_PYTHONS = ((3, 11), (3, 13))
"""The tests run on these before a change is taken; newer ones are allowed, and not tested."""

if sys.version_info[:2] < OLDEST_PYTHON:
    sys.exit(
        "Tresteg needs Python %d.%d or newer; this is %s."  # noqa: UP031 - an older Python reads this line
        % (*OLDEST_PYTHON, sys.version.split()[0])
    )
