"""What no stage finds out by itself, as rows of data.

In come the TOML files here, and one of the user's; out go rows about families, objects
and arguments, each checked.
"""
