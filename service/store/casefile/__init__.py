"""Rows of a case: the case itself, facts, answers, grants, consents, documents, notes, referrals."""
