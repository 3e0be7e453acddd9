"""Docstrings, Markdown and Python expressions as R and Rd have them."""
