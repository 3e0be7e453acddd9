"""From what was read and the rules to what each R function is."""
