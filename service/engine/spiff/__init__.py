"""SpiffWorkflow with the parts of it that are replaced: task specs, scopes, state codec, execution.

Imported by the top of `engine` alone; imports `bpmn`, `dmn`, `timing`, `feel`, `types` and
`limits`. The only importer of SpiffWorkflow.
"""
