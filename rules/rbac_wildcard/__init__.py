"""The rule rbac-wildcard."""
