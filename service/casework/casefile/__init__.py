"""The file of a case: view for one viewer, answers as text, diagrams, documents, notes, read log.

Imported by `publishing`, `referrals` and above; imports `cases` and below.
"""
