"""Case file: view for one viewer, answers as text, diagrams, documents, notes, read log."""
