"""Linux capabilities, as the Pod Security Standards sort them."""

from __future__ import annotations

# what the baseline profile lets a container add: Docker's default set without NET_RAW
# (pod-security-admission, capabilities_baseline, since v1.0); the names are compared exactly
DEFAULT_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
