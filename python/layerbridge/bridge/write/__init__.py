"""The stage that writes; no other touches files.

In come wrappers, as JSON holds them; out go R files and help pages, and those to disk.
"""
