"""BPMN: diagram XML read into a model, and the sentences about what is wrong with it.

Imported by `dmn`, `spiff`, `lint` and the top of `engine`; imports `limits` and `types`.
"""
