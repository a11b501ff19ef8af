"""Configuration of the programme: files of `workflows/config` read into frozen values."""
