"""What the diagrams can do outside themselves.

One module a theme; topic `letters.notify_iom` is `notify_iom` in letters.py.
"""
