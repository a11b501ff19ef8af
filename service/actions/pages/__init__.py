"""View models of the case pages, case list and search.

Imported by `web`; imports every other package of `actions`.
"""
