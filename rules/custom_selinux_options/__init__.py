"""The rule custom-selinux-options."""
