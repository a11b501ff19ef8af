"""The programme report: open figures of all cases, and yearly sums counted from sealed answers.

`suppression` hides small counts, `sums` counts one case into sums, `published` makes the tables of
them, `counting` is the batch that opens the cases, `open_figures` and its neighbours are of process
facts alone.
"""
