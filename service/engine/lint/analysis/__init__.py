"""Analyses that the rules of the linter share: data flow, soundness, what surely follows.

Imported by `lint` and the top of `engine`; imports `bpmn`, `feel`, `types`, `limits`, and of `lint`
the context and the scopes.
"""
