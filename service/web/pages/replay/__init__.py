"""The auditor's pages of one case: its replay, a form as it was, and the history of a field."""
