"""The rule egress-without-dns."""
