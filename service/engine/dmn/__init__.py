"""DMN: decision tables read, compiled and evaluated.

rule_files, parser, model           the rule files of a release, read into decisions
compiler, coercion                  their cells compiled; results as the declared type
coverage                            gaps and overlaps of a table
evaluator                           a decision by its hit policy, and the trial of one
"""
