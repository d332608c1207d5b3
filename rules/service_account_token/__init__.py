"""The rule service-account-token."""
