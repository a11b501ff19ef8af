"""Analyses that the rules of the linter share: data flow, soundness, what surely follows.

graph, call_graph                   searches over the flows of a scope, and over calls
net, soundness                      markings of a scope, and the search of all of them
reachability                        soundness from where a running case is
inevitability, merges               what surely follows; merges that two tokens can reach
dataflow, writes                    steps done and variables set before each place; who writes what
error_codes, gateway_outcomes       who catches errors; conditions that can be true together
event_loops                         events that start each other without waiting
"""
