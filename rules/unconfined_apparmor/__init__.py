"""The rule unconfined-apparmor."""
