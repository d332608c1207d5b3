"""The rule host-port."""
