"""From specifications to R files, and those to disk."""
