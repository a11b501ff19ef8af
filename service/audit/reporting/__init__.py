"""The programme report: open figures of all cases, and yearly sums counted from sealed answers.

`counting` is the batch that opens the cases, `published` sums them up and makes the tables,
`suppression` hides small counts in these. `open_figures`, `open_answers`, `durations` and `heat`
are made of process facts and answers of class C0 alone.
"""
