"""Bad input: whatever stands in a file, podsec answers."""
