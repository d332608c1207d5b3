"""The rule windows-host-process."""
