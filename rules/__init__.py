"""The hardening rules, one folder each; README.md lists them."""
