"""The rule unconfined-seccomp."""
