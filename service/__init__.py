"""Tresteg: the return programme as an executable diagram.

`app` puts the house together; see README.md for the rooms.
"""

VERSION = "0.1.0"
