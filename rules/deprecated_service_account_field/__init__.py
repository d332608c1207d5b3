"""The rule deprecated-service-account-field."""
