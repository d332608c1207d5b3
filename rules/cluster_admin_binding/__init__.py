"""The rule cluster-admin-binding."""
