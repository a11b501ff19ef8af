"""What a form may hold: rules of fields, circles of conditions, and the sentences of findings.

Pure, as all of `forms`; imported by the modules that read form files.
"""
