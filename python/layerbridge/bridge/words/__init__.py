"""The stage that says in R's words what Python's docstrings say.

In come Markdown and Python expressions; out go Rd and R code.
"""
