"""The rule custom-proc-mount."""
