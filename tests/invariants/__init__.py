"""The invariants of docs/architecture.md, where no other test bears them."""
