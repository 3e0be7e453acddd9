"""Exceptions to what is understood by itself, as rows of data."""
