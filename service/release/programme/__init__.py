"""Configuration of the programme: files of `workflows/config` read into frozen values.

Imported by every other package of `actions`; imports `engine`, `access` and `errors`.
"""
