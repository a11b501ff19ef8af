"""Tresteg: the return programme as an executable diagram.

`app` puts the program together; README.md says what each package is.
"""

VERSION = "0.3.0"
