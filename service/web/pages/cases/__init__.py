"""The pages of a case: list, case, documents, corrections, search."""
