"""The differences between two releases, or a release and a draft, as sentences by class.

release_changes                       one difference; its classes and words
diff                                  all differences of two bundles
process_diff, file_rest, layout_diff  diagrams: what runs, what else the file says, how it is drawn
form_diff, rule_diff                  forms question by question, decision tables cell by cell
table_diff, paper_diff, line_diff     configuration key by key, papers and texts line by line
handler_diff                          handlers whose code is another one since then
page                                  what the page of a comparison shows
"""
