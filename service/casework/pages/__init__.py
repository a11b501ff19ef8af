"""View models of the pages of a case, of the case list and search, and of an office.

Imported by the entry points (web and its interface for programs); imports every other package of
`actions`.
"""
