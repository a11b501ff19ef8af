"""The dry run of a draft: every case folded again on it, with the answers and times that it had.

dry_runs       a run as a batch: begun, stopped, summed up
case_fold      one case folded on the draft
verdicts       the verdict on a case
dry_run_page   view models of its pages
dry_run_words  names of elements, and reasons in a sentence
case_scenario  the road of a case as a scenario

Nothing of a case is changed; ids of elements, names of fields and numbers are kept of it. That
publishing requires a dry run is a rule of `publish`.
"""
