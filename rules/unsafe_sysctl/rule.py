"""Kernel parameters that reach beyond the pod."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Pod, Version, Violation, as_list, as_mapping

# the safe ones, by the version that allows them first
SAFE_SINCE = {
    "kernel.shm_rmid_forced": Version(0),
    "net.ipv4.ip_local_port_range": Version(0),
    "net.ipv4.tcp_syncookies": Version(0),
    "net.ipv4.ping_group_range": Version(0),
    "net.ipv4.ip_unprivileged_port_start": Version(0),
    "net.ipv4.ip_local_reserved_ports": Version(27),
    "net.ipv4.tcp_keepalive_time": Version(29),
    "net.ipv4.tcp_fin_timeout": Version(29),
    "net.ipv4.tcp_keepalive_intvl": Version(29),
    "net.ipv4.tcp_keepalive_probes": Version(29),
    "net.ipv4.tcp_rmem": Version(32),
    "net.ipv4.tcp_wmem": Version(32),
    "net.ipv4.tcp_slow_start_after_idle": Version(37),
    "net.ipv4.tcp_notsent_lowat": Version(37),
}


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """Only names on the list, compared exactly."""
    for index, sysctl in enumerate(as_list(pod.security.get("sysctls"))):
        name = str(as_mapping(sysctl).get("name") or "")
        since = SAFE_SINCE.get(name)
        if since is not None and since <= context.version:
            continue
        message = f"pod {pod.name!r} sets the kernel parameter {name!r}"
        if since is not None:
            message += f", which is allowed from {since} on"
        yield Violation(f"securityContext.sysctls.{index}.name", message)
