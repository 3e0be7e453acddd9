"""The stage that reads; no other imports a library.

In comes the name of a target; out go its public objects, what each takes, and what its
docstring says.
"""
