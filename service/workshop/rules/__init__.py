"""The decision tables of a draft, for its process owner.

draft_rules   every rule of a draft: its table, who asks it, whether the table editor can draw it
rule_inputs   inputs that a rule can use: names, what people call them, types, known values
rule_trial    a rule asked by hand with typed values: the rows that fire, and what they give
"""
