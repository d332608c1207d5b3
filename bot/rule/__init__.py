"""The door for rule authors: all that a rule may import."""

from bot.kubernetes import secret, secret_pieces
from bot.kubernetes.capabilities import DEFAULT_CAPABILITIES
from bot.kubernetes.companions import Companions
from bot.kubernetes.host_path import (
    holds_runtime_socket,
    host_paths,
    is_runtime_socket,
    is_sensitive,
)
from bot.kubernetes.image import ImageReference, is_placeholder
from bot.kubernetes.image import parse as parse_image
from bot.kubernetes.kustomization import folder_of
from bot.kubernetes.kustomization import generated as generated_by
from bot.kubernetes.kustomization import images as images_of
from bot.kubernetes.limit_range import Defaults
from bot.kubernetes.namespace import Place
from bot.kubernetes.network_parts import Address, ContainerPort, End, Policy, Workload, policy_of
from bot.kubernetes.network_policy import Network
from bot.kubernetes.network_view import (
    kustomizations_of,
    namespaces_of,
    network_of,
    place_of,
    policies_in,
    policy_seen,
    workload_seen,
    workloads_in,
)
from bot.kubernetes.places import Places
from bot.kubernetes.quantity import quantity
from bot.kubernetes.selector import ALL_KEYS
from bot.kubernetes.service_account import Accounts
from bot.kubernetes.surroundings import Surroundings
from bot.kubernetes.version import Version
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import POD_ONLY, Container, Object, Pod, as_list, as_mapping, dig
from bot.model.move import Piece
from bot.rule.hardening import decide_limit, decide_request, plan_of
from bot.rule.rule import (
    SAY_WINDOWS,
    Advice,
    AppendField,
    Context,
    MoveToSecret,
    Question,
    RemoveField,
    RuleFix,
    SetField,
    Violation,
)
from bot.rule.schema_fault import SchemaFault, schema_faults

__all__ = [
    "ALL_KEYS",
    "DEFAULT_CAPABILITIES",
    "POD_ONLY",
    "SAY_WINDOWS",
    "Accounts",
    "Address",
    "Advice",
    "AppendField",
    "Companions",
    "Container",
    "ContainerPort",
    "Context",
    "Defaults",
    "End",
    "ImageReference",
    "MoveToSecret",
    "Network",
    "Object",
    "Piece",
    "Place",
    "Places",
    "Pod",
    "Policy",
    "Question",
    "RemoveField",
    "RuleFix",
    "SchemaFault",
    "Seen",
    "SetField",
    "Surroundings",
    "Version",
    "View",
    "Violation",
    "Workload",
    "as_list",
    "as_mapping",
    "decide_limit",
    "decide_request",
    "dig",
    "folder_of",
    "generated_by",
    "holds_runtime_socket",
    "host_paths",
    "images_of",
    "is_placeholder",
    "is_runtime_socket",
    "is_sensitive",
    "kustomizations_of",
    "namespaces_of",
    "network_of",
    "parse_image",
    "place_of",
    "plan_of",
    "policies_in",
    "policy_of",
    "policy_seen",
    "quantity",
    "schema_faults",
    "secret",
    "secret_pieces",
    "workload_seen",
    "workloads_in",
]
