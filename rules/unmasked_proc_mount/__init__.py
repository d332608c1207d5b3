"""The rule unmasked-proc-mount."""
