"""SpiffWorkflow and what replaces parts of it: task specs, scopes, the running case, its bytes.

Imported by the top of `engine` alone; imports `bpmn`, `dmn`, `timing`, `feel`, `types` and
`limits`. The only importer of SpiffWorkflow. Order, bottom up: `api`, `patches`; `workflow`;
`protocols`; `base`; `timers`; `activities`, `catch_events`, `gateways`; `open_work`;
`throw_events`; `element_specs`, `builder` (from the model) and `execution`, `codec` (a case).
"""
