"""Variables of a running case: its own, and those that scopes in it hold for themselves.

scopes              which activities around a task hold variables
case_variables      reading, asking, mapping and writing them; a part of `execution.CaseExecution`
"""
