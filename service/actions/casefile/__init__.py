"""What lies in a case besides its course: documents, notes, the read log, form context, the case
view.

Imported by `publishing`, `referrals` and above; imports `cases` and below.
"""
