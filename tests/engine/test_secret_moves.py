"""Where moved secrets go: Secrets that are there, shared keys, companions, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.config import DEFAULT
from bot.config.model import Secrets
from bot.engine.check import check, view_of
from bot.engine.fix import Fixer
from bot.engine.quiet import REASON, fix_quietly
from bot.engine.read import load
from bot.engine.secret_moves import Moves
from bot.formats.secret_checklist import to_checklist, to_text
from bot.model.move import Moved
from bot.rule.load import load_rules
from tests.secrets.planted import word

RULES = load_rules()
PW, OTHER = word("moves"), word("other moves")
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  containers:
  - name: app
    image: registry.example.com/shop/app:1.4.2
    env:
    - name: {variable}
      value: {value}
"""


def pod(
    name: str = "cart", variable: str = "DB_PASSWORD", value: str = PW, namespace: str = "shop"
) -> str:
    return POD.format(name=name, variable=variable, value=value, namespace=namespace)


def moved(
    files: Mapping[str, str], key: bytes | None = b"key", wishes: Secrets = DEFAULT.secrets
) -> tuple[dict[str, str], Moved]:
    """The files with their secrets moved, those that are new too, and what must be done."""
    manifests = [one for name, text in files.items() for one in load(name, text.encode())[0]]
    view = view_of(manifests, complete=True)
    found = [f for f in check(manifests, RULES, DEFAULT, view) if f.fix and f.fix.move]
    moves = Moves(found, view, key)
    fixer = Fixer(RULES, DEFAULT, view, moves)
    after, applied = dict(files), set()
    for name, text in files.items():
        mine = [finding for finding in found if finding.file == name]
        fixed = fixer.fix(name, text.encode(), mine, unsafe=True)
        assert fixed.left == ()
        after[name] = fixed.data.decode()
        applied |= {finding.fingerprint for finding in fixed.applied}
    said = moves.moved(applied, wishes, lambda name: t.encode() if (t := after.get(name)) else None)
    after.update({name: data.decode() for name, data in said.files})
    assert PW not in repr((after, said, to_text(said, str), to_checklist(said)))
    return after, said


def keys(text: str) -> list[tuple[str, str]]:
    """The Secrets and keys that a text reads, in order."""
    found = []
    for manifest in load("any.yaml", text.encode())[0]:
        for one in manifest.data["spec"]["containers"]:
            sources = [entry["valueFrom"]["secretKeyRef"] for entry in one["env"]]
            found += [(source["name"], source["key"]) for source in sources]
    return found


def test_equal_values_in_one_namespace_share_a_key_and_others_do_not() -> None:
    files = {
        "a.yaml": pod("db", "MYSQL_ROOT_PASSWORD"),
        "b.yaml": pod("app", "DB_PASSWORD"),
        "c.yaml": pod("far", "DB_PASSWORD", namespace="elsewhere"),
        "d.yaml": pod("odd", "DB_PASSWORD", OTHER),
    }
    after, said = moved(files)
    assert keys(after["a.yaml"]) == keys(after["b.yaml"]) == [("db-secrets", "MYSQL_ROOT_PASSWORD")]
    assert keys(after["c.yaml"]) == [("far-secrets", "DB_PASSWORD")]
    assert keys(after["d.yaml"]) == [("odd-secrets", "DB_PASSWORD")]
    assert {(one.namespace, one.secret) for one in said.needed} == {
        ("shop", "db-secrets"), ("elsewhere", "far-secrets"), ("shop", "odd-secrets"),
    }  # fmt: skip


def test_without_a_key_no_values_are_compared() -> None:
    files = {"a.yaml": pod("db", "MYSQL_ROOT_PASSWORD"), "b.yaml": pod("app")}
    after, _ = moved(files, key=None)
    assert keys(after["b.yaml"]) == [("app-secrets", "DB_PASSWORD")]


def test_two_containers_with_other_values_under_one_name_get_two_keys() -> None:
    second = pod(value=OTHER).split("containers:\n")[1].replace("name: app", "name: side")
    after, _ = moved({"a.yaml": pod() + second})
    assert keys(after["a.yaml"]) == [
        ("cart-secrets", "DB_PASSWORD"), ("cart-secrets", "SIDE_DB_PASSWORD"),
    ]  # fmt: skip


SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: cart-db, namespace: shop}
data: {db-password: ""}
"""
SEALED = """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: cart-db, namespace: shop}
spec: {encryptedData: {DB_PASSWORD: AgB}}
"""
EXTERNAL = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: cart, namespace: shop}
spec:
  secretStoreRef: {name: vault, kind: SecretStore}
  target: {name: cart-db}
  data:
  - {secretKey: DB_PASSWORD, remoteRef: {key: shop/cart}}
"""


@pytest.mark.parametrize(
    ("manifest", "key"),
    [(SECRET, "db-password"), (SEALED, "DB_PASSWORD"), (EXTERNAL, "DB_PASSWORD")],
    ids=["Secret", "SealedSecret", "ExternalSecret"],
)
def test_a_key_that_is_there_already_is_used(manifest: str, key: str) -> None:
    after, said = moved({"cart.yaml": pod(), "secret.yaml": manifest})
    assert keys(after["cart.yaml"]) == [("cart-db", key)]
    assert said.files == ()
    assert f"Make sure that the key '{key}' of the Secret 'cart-db'" in to_text(said, str)
    assert "kubectl" not in to_text(said, str)


def test_a_secret_of_another_workload_or_namespace_is_not_used() -> None:
    for manifest in (
        SECRET.replace("cart-db", "basket-db"),
        SECRET.replace("namespace: shop", "namespace: other"),
    ):
        after, _ = moved({"cart.yaml": pod(), "secret.yaml": manifest})
        assert keys(after["cart.yaml"]) == [("cart-secrets", "DB_PASSWORD")]


def test_a_secret_that_a_manifest_makes_without_the_key_is_left_alone() -> None:
    manifest = SECRET.replace("cart-db", "cart-secrets").replace("db-password", "other")
    after, _ = moved({"cart.yaml": pod(), "secret.yaml": manifest})
    assert keys(after["cart.yaml"]) == [("cart-env-secrets", "DB_PASSWORD")]


def test_what_a_sibling_reads_under_the_same_name_is_read_too() -> None:
    sibling = """\
  - name: side
    image: registry.example.com/shop/side:1.4.2
    env:
    - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: pg-auth, key: password}}}
"""
    after, said = moved({"cart.yaml": pod() + sibling})
    assert keys(after["cart.yaml"]) == [("pg-auth", "password")] * 2
    assert said.needed[0].found == ("password",)


def test_a_key_is_added_to_a_secret_that_the_workload_reads_already() -> None:
    more = """\
    - {name: API_TOKEN, valueFrom: {secretKeyRef: {name: cart-secrets, key: API_TOKEN}}}
"""
    _, said = moved({"cart.yaml": pod() + more})
    text = to_text(said, str)
    assert "Add the key 'DB_PASSWORD' to the Secret 'cart-secrets'" in text
    assert "kubectl -n shop patch secret cart-secrets --type=merge" in text


KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- cart.yaml # the cart
"""


def test_an_external_secret_comes_along_where_the_operator_is_used() -> None:
    store = EXTERNAL.replace("cart-db", "unrelated").replace("name: cart,", "name: unrelated,")
    files = {"k/cart.yaml": pod(), "k/kustomization.yaml": KUSTOMIZATION, "eso.yaml": store}
    after, said = moved(files)
    new = after["k/cart-secrets.externalsecret.yaml"]
    (manifest,) = load("new.yaml", new.encode())[0]
    assert (manifest.api_version, manifest.kind) == ("external-secrets.io/v1", "ExternalSecret")
    assert manifest.data["spec"]["secretStoreRef"] == {"name": "vault", "kind": "SecretStore"}
    assert manifest.data["spec"]["target"] == {"name": "cart-secrets"}
    assert manifest.data["spec"]["data"] == [
        {"secretKey": "DB_PASSWORD", "remoteRef": {"key": "TODO"}}
    ]
    assert after["k/kustomization.yaml"] == f"{KUSTOMIZATION}- cart-secrets.externalsecret.yaml\n"
    assert said.unlisted == ()
    again, more = moved(after)
    assert again == after
    assert more.needed == ()


def test_a_store_of_another_namespace_serves_nobody_else() -> None:
    store = EXTERNAL.replace("namespace: shop", "namespace: other")
    after, said = moved({"cart.yaml": pod(), "eso.yaml": store})
    assert set(after) == {"cart.yaml", "eso.yaml"}
    assert "kubectl -n shop create secret generic cart-secrets" in to_text(said, str)


def test_the_commands_end_as_the_repository_keeps_its_secrets() -> None:
    sealed = SEALED.replace("cart-db", "unrelated")
    _, said = moved({"cart.yaml": pod(), "sealed.yaml": sealed})
    assert "| kubeseal --format yaml > cart-secrets.sealedsecret.yaml" in to_text(said, str)
    _, said = moved({"cart.yaml": pod(), ".sops.yaml": "creation_rules: []\n"})
    assert "| sops --encrypt " in to_text(said, str)
    assert "/dev/stdin > cart-secrets.enc.yaml" in to_text(said, str)


def test_the_config_decides_before_what_the_repository_uses() -> None:
    files = {"cart.yaml": pod(), "sealed.yaml": SEALED.replace("cart-db", "unrelated")}
    _, said = moved(files, wishes=Secrets(store="secret"))
    assert "kubeseal" not in to_text(said, str)
    wishes = Secrets(store="external-secrets", store_name="corp", store_kind="SecretStore")
    after, said = moved(files, wishes=wishes)
    new = after["cart-secrets.externalsecret.yaml"]
    (manifest,) = load("new.yaml", new.encode())[0]
    assert manifest.data["spec"]["secretStoreRef"] == {"name": "corp", "kind": "SecretStore"}
    assert "kubeseal" not in to_text(said, str)


def test_a_name_from_a_manifest_commands_no_shell() -> None:
    _, said = moved({"cart.yaml": pod(namespace="'$(touch x)'")})
    assert "kubectl -n '$(touch x)' create" in to_text(said, str)


def test_a_pull_request_changes_no_line_on_which_a_secret_stays() -> None:
    """A script's secret is for a person: what shares its line waits."""
    line = (
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cart"}, "spec": {"containers": '
        f'[{{"name": "app", "image": "app:1", "command": ["sh", "-c", "PGPASSWORD={PW} psql"]}}]}}}}\n'
    ).encode()
    manifests, _ = load("cart.json", line)
    found = check(manifests, RULES, DEFAULT)
    fixed = fix_quietly(Fixer(RULES, DEFAULT), "cart.json", line, found, unsafe=False)
    assert (fixed.data, fixed.applied) == (line, ())
    assert any(why == REASON for _, why in fixed.left)
