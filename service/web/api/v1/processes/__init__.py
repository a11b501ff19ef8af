"""What process owners do: drafts and their files, dry runs, and plans that move open cases."""
