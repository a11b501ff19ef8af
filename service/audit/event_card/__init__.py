"""A line of a case's history in the auditor's replay: values before and after it, rules that
answered, and the form as it was.

Answers of the classes C1 to C3 are not opened here.
"""
