"""What counts as the name of a Service in a text, and what does not."""

from __future__ import annotations

import pytest

from bot.kubernetes.network_texts import Form
from bot.kubernetes.service_names import ServiceNames
from tests.network.world import edges, pair, service, workload

NAMES = ServiceNames(("redis", "cart", "api-v1"))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("value", "redis:6379"),
        ("value", "redis://redis"),
        ("value", "jdbc:redis://user:pw@redis:6379/0?x=y"),
        ("value", "mongodb://a,redis/db"),
        ("host", "a;redis;c"),
        ("host", "redis"),
        ("words", "redis-cli -h redis ping"),
        ("words", "app --cache-host redis"),
        ("words", "app --cache-host=redis"),
        ("words", "until nc -z redis 6379; do sleep 1; done"),
        ("words", "curl -fsS redis/health"),
        ("file", "cache:\n  host: redis\n"),
        ("file", '{"cache": {"hosts": ["redis"]}}'),
        ("file", "upstream x { server redis:6379; }"),
        ("file", "proxy_pass http://redis;"),
        ("file", "addr = redis.shop.svc.cluster.local."),
        ("value", "process.env.REDIS_SERVICE_HOST"),
        ("value", "tcp://$(REDIS_PORT_6379_TCP_ADDR)"),
    ],
)
def test_a_name_where_a_host_belongs_is_one(form: Form, text: str) -> None:
    assert {one.service for one in NAMES.find(text, form)} == {"redis"}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("value", "redis"),
        ("value", "docker.io/library/redis:7"),
        ("value", "redis:7.2-alpine"),
        ("words", "redis-server /etc/redis/redis.conf --name redis"),
        ("file", "name: redis\nkind: redis\n"),
        ("file", "# the redis that we use\n"),
        ("value", "my_redis:6379"),
        ("value", "redis-exporter:9121"),
        ("value", "http://redis.example.com/"),
        ("host", "not-redis,redis_2"),
        ("value", "NO_REDIS_HERE"),
    ],
)
def test_a_name_where_no_host_belongs_is_none(form: Form, text: str) -> None:
    found = [m for m in NAMES.find(text, form) if not m.is_weak and m.namespace is None]
    assert not found


@pytest.mark.parametrize("name", ["DB_NAME", "CART_USER", "APP_TYPE", "CART_TOPIC"])
def test_a_variable_that_names_something_else_is_no_host(name: str) -> None:
    assert edges(pair("cart", 7070) + workload("web", env={name: "cart"})) == set()


def test_a_service_of_another_namespace_needs_its_namespace() -> None:
    cart = pair("cart", 7070, namespace="shop")
    near = workload("web", namespace="other", env={"CART_HOST": "cart"})
    far = workload("web", namespace="other", env={"CART_HOST": "cart.shop"})
    assert edges(cart + near) == set()
    assert edges(cart + far) == {"web>cart:7070"}


def test_of_bundles_that_repeat_an_object_the_nearest_file_is_meant() -> None:
    app = pair("cart", 7070) + workload("web", env={"CART_HOST": "cart"})
    both = edges({"all.yaml": app, "other/all.yaml": app})
    assert both == {"web>cart:7070"}


def test_a_service_may_rename_a_port_and_generated_config_is_read() -> None:
    kustomization = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources: [app.yaml]
configMapGenerator:
- name: env
  literals: [CART_URL=http://cart.shop.svc/]
  files: [settings.ini]
"""
    app = workload("cart", ports={"grpc": 7070}) + service("cart", 80, "grpc") + pair("db", 5432)
    web = workload("web", container="envFrom: [{configMapRef: {name: env}}]")
    files = {
        "kustomization.yaml": kustomization,
        "app.yaml": app + web,
        "settings.ini": "host=db\n",
    }
    assert edges(files) == {"web>cart:7070", "web>db:5432"}
