"""The pages of the inbox: its lists, and acts on the tasks that are marked."""
