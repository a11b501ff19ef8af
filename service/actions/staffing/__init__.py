"""Staffing: who of an office handles a case, who is away, and who stands in for her.

None of it opens a case to anybody. Imported by `commands` and above; imports `cases` and below.
"""
