"""Rows of a case: the case, facts, answers, grants, consents, documents, notes, referrals."""
