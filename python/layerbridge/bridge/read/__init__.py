"""From a target's name to what its public objects are and take."""
