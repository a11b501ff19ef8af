"""The dry run of a draft: every case folded again on it, with the answers and times that it had.

`case_fold` plays one case, `verdicts` judges it, `totals` sums up, `runs` begins and ends a run as
a batch, `result` and `case_lines` are what a page shows, `required` is the condition of publishing,
`case_scenario` takes the road of a case as a scenario.
Nothing of a case is changed; what is kept of it are ids of elements, names of fields and numbers.
"""
