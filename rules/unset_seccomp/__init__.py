"""The rule unset-seccomp."""
