"""What an auditor prints: the report of a case with its diagrams, and the page that both reports
share. The templates are typst; `service.sandbox` makes the files.
"""
