"""Analyses that the rules of the linter share: data flow, soundness, what surely follows.

Imported by `lint`; imports `bpmn`, `feel`, `types` and `limits`.
"""
