"""The rule unlabelled-namespace."""
