"""The decisions on users, capabilities, root file systems and amounts."""
