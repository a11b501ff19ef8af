"""What an auditor prints: the report of a case with its diagrams. The template is typst;
`service.sandbox` makes the file.
"""
