"""The rule privilege-escalation."""
