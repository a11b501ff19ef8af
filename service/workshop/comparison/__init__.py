"""The differences between two releases, or a release and a draft, as sentences by class.

release_changes                       one difference; its classes and words
diff                                  all differences of two bundles
process_diff, file_rest, layout_diff  diagrams: what runs, with the code of handlers; what else the
                                      file says; how it is drawn
configuration_diff                    every file of the configuration
form_diff, rule_diff                  forms question by question, decision tables cell by cell
table_diff, paper_diff, line_diff     configuration key by key, papers and texts line by line
"""
