"""Bindings of cluster-admin: everything, everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Object, Violation, as_list, as_mapping

# who they are is not in the cluster's hands, or everybody is one of them
CROWDS = {
    "system:anonymous": "everybody who reaches the API server",
    "system:unauthenticated": "everybody who reaches the API server",
    "system:authenticated": "everybody who has any account",
    "system:serviceaccounts": "every pod of the cluster",
    "system:masters": "a group that no role can take rights from",
}


def check(target: Object, context: Context) -> Iterator[Violation]:
    """The binding that every cluster is born with is left out: it has the role's own name."""
    role = as_mapping(target.field("roleRef"))
    if target.group != "rbac.authorization.k8s.io" or role.get("name") != "cluster-admin":
        return
    if role.get("kind") != "ClusterRole" or target.name == "cluster-admin":
        return
    subjects = [as_mapping(subject) for subject in as_list(target.field("subjects"))]
    for number, subject in enumerate(subjects):
        name = str(subject.get("name"))
        if subject.get("kind") in ("User", "Group") and name in CROWDS:
            message = f"{target.kind} {target.name!r} makes {name!r} cluster-admin: {CROWDS[name]}"
            yield Violation(f"subjects.{number}", message, severity="high")
            return
    if subjects:
        who = ", ".join(f"{s.get('kind')} {s.get('name')!r}" for s in subjects)
        message = f"{target.kind} {target.name!r} binds cluster-admin to {who}"
        yield Violation("roleRef", message)
