"""The stage that decides what the R functions are.

In come what was read and the rules; out go wrappers: families, names, kinds, defaults,
the order of arguments, and what gets no function, with the reason.
"""
