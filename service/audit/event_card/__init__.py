"""What a line of a case's history says in the auditor's replay: values before and after, rules that
answered, the form as it was, and the history of a field.

Imports what `history` imports. Answers of the classes C1 to C3 are not opened here.
"""
