"""The rule bound-default-service-account."""
