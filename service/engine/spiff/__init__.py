"""SpiffWorkflow and what replaces parts of it: task specs, scopes, the running case, its bytes.

The only importer of SpiffWorkflow. Bottom up:

api, patches                        the library as we use it, and what is patched in it for a turn
workflow, protocols, base           scopes, what specs may ask of a case, what all specs share
variables, timers                   variables of a case and of scopes in it; times and cycles
activities, gateways                specs of tasks, sub-processes and calls; of gateways
catch_events, throw_events          specs of events that wait, and of those that throw
open_work                           what waits in a case
builder                             specs of a process, from the model
execution, codec                    one running case, and its bytes
"""
