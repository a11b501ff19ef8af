"""The pages of a task: its form, sending and keeping it, claiming and passing it on."""
