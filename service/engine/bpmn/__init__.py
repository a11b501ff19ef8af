"""BPMN: diagram XML read into a model, and the sentences about what is wrong with it.

Imported by `spiff`, `lint`, `dmn` and the top of `engine`; imports `limits`, `types` and `feel`.
"""
