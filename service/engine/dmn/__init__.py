"""DMN: decision tables read, compiled and evaluated.

Imported by `spiff`, `lint` and the top of `engine`; imports `bpmn`, `feel` and `limits`.
"""
