"""The rule misplaced-pod-field."""
