"""Planted entries: every kind of secret and every look-alike. All values are made at run time."""

# ruff: noqa: SIM905, ISC003, PERF401  # words read best as text; pieces stay apart on purpose

from __future__ import annotations

import base64
import hashlib
import json
import string
from dataclasses import dataclass
from typing import Literal

Want = Literal["none", "likely", "certain"]

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = UPPER + LOWER + DIGITS
HEX = DIGITS + "abcdef"


@dataclass(frozen=True, slots=True)
class Planted:
    """An entry of `env`, and what a reviewer says of it."""

    kind: str
    name: str
    value: str
    want: Want


def made(length: int, seed: str, alphabet: str = ALNUM) -> str:
    """Characters that look random and are the same in each run."""
    out = ""
    for block in range(length // 32 + 1):
        digest = hashlib.sha256(f"{seed}/{block}".encode()).digest()
        out += "".join(alphabet[byte % len(alphabet)] for byte in digest)
    return out[:length]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def url64(length: int, seed: str) -> str:
    return made(length, seed, ALNUM + "-_")


def word(seed: str) -> str:
    """A password as people make them: two words, a digit, a sign."""
    return f"{made(5, seed, LOWER)}-{made(4, seed + 'x', UPPER)}7{made(3, seed + 'y', DIGITS)}!"


def uuid(seed: str) -> str:
    h = made(32, seed, HEX)
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def pem(kind: str, seed: str) -> str:
    lines = "\n".join(made(64, f"{seed}{n}", ALNUM + "+/") for n in range(4))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n"


def jwt(seed: str) -> str:
    head = b64(json.dumps({"alg": "HS256", "typ": "JWT"})).rstrip("=")
    body = b64(json.dumps({"sub": seed, "iat": 1})).rstrip("=")
    return f"{head}.{body}.{url64(43, seed)}"


P = "pass" + "word"  # so that no scanner takes this table for what it describes

PASSWORD_NAMES = """
DB_PASSWORD POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD MARIADB_ROOT_PASSWORD PGPASSWORD dbPassword
SPRING_DATASOURCE_PASSWORD spring.datasource.password REDIS_PASSWORD RABBITMQ_DEFAULT_PASS SMTP_PASS
SMTP_PASSWD LDAP_BIND_PWD MYSQL_PWD GF_SECURITY_ADMIN_PASSWORD KC_BOOTSTRAP_ADMIN_PASSWORD
MINIO_ROOT_PASSWORD ELASTIC_PASSWORD MONGO_INITDB_ROOT_PASSWORD admin-password KEYSTORE_PASSWORD
SSL_KEY_PASSPHRASE SSHPASS DB_PW ADMIN_PASSWORD_2 DB_PASSWORD_PROD Redis__Password MSSQL_SA_PASSWORD
CASSANDRA_PASSWORD WORDPRESS_DB_PASSWORD PASSWORD password INITIAL_PASSWORD_VALUE RESTIC_PASSWORD
PGADMIN_DEFAULT_PASSWORD DB_PASSWORD_BASE64 GITEA_ADMIN_PASSWORD
""".split()
DEFAULTS = (
    "changeme change-me change_it password admin root guest secret test postgres mysql example "
    "123456 1234 letmein dummy password123 admin123 Passw0rd P@ssw0rd toor qwerty supersecret "
    "mysecretpassword your-password fake_password rootpassword"
).split()
ISSUED_NAMES = """
API_KEY DD_API_KEY NEW_RELIC_LICENSE_KEY GITHUB_TOKEN GITLAB_TOKEN SLACK_BOT_TOKEN NPM_TOKEN
CLIENT_SECRET AZURE_CLIENT_SECRET OAUTH2_PROXY_CLIENT_SECRET AWS_SECRET_ACCESS_KEY MINIO_SECRET_KEY
S3_ACCESS_KEY STORAGE_ACCOUNT_KEY apiKey authToken ACCESS_TOKEN VAULT_TOKEN HF_TOKEN
TELEGRAM_BOT_TOKEN WEBHOOK_SECRET LICENSE_KEY X_API_TOKEN github-token AGENT_ACCESS_KEY BEARER_TOKEN
K3S_TOKEN APIKEY REFRESH_TOKEN SENDGRID_API_KEY azurestorageaccountkey API_TOKEN_V2
""".split()
MADE_NAMES = """
JWT_SECRET SESSION_SECRET COOKIE_SECRET NEXTAUTH_SECRET SECRET_KEY_BASE DJANGO_SECRET_KEY SECRET_KEY
ENCRYPTION_KEY SIGNING_KEY N8N_ENCRYPTION_KEY PASSWORD_SALT MASTER_KEY REGISTRY_HTTP_SECRET
RABBITMQ_ERLANG_COOKIE
""".split()


def by_name() -> list[Planted]:
    rows = [Planted("a password by its name", n, word(n), "certain") for n in PASSWORD_NAMES]
    rows += [
        Planted("a default password", f"APP{i}_PASSWORD", v, "likely")
        for i, v in enumerate(DEFAULTS)
    ]
    for n in ISSUED_NAMES:
        rows.append(Planted("a token or key by its name", n, made(40, n), "certain"))
    for n in MADE_NAMES:
        rows.append(Planted("a key of one's own", n, made(32, n, HEX), "certain"))
        rows.append(
            Planted("a key of one's own, in words", n, f"shop-{made(6, n, LOWER)}-sauce", "likely")
        )
    rows += [
        Planted("a password that is the user", "MYSQL_PASSWORD", "wordpress", "likely"),
        Planted("a number as password", "POSTGRES_PASSWORD", "20241231", "likely"),
        Planted("a token that is a UUID", "CONSUL_HTTP_TOKEN", uuid("consul"), "certain"),
        Planted("a secret that is a UUID", "CLIENT_SECRET", uuid("client"), "certain"),
        Planted("a default key", "MINIO_SECRET_KEY", "minio" + "123", "likely"),
        Planted("a default access key", "MINIO_ACCESS_KEY", "minio" + "admin", "likely"),
        Planted("a default token", "INFLUXDB_TOKEN", "super-secret-" + "admin", "likely"),
        Planted("a secret by a plain name", "SECRET", made(24, "plain"), "certain"),
        Planted("credentials", "REGISTRY_CREDENTIALS", "shop:" + word("reg"), "certain"),
        Planted("a key, weakly named", "AZURE_BATCH_KEY", made(43, "batch") + "=", "likely"),
        Planted("a key, weakly named", "APP_KEY", "base64:" + b64(made(32, "laravel")), "likely"),
        Planted("a key, weakly named", "FUNCTIONS_KEY_DATA", made(54, "fn"), "likely"),
        Planted("a hash of a password", "HASHED_PASSWORD", made(64, "hash", HEX), "certain"),
        Planted("a switch's name, yet a secret", "VERIFY_TOKEN", made(32, "verify"), "likely"),
    ]
    return rows


def by_form() -> list[Planted]:
    """Secrets whose form gives them away, under names that promise nothing."""
    forms = {
        "a GitHub token": "gh" + "p_" + made(36, "ghp"),
        "a GitHub app token": "gh" + "s_" + made(36, "ghs"),
        "a fine-grained GitHub token": "github" + "_pat_" + made(22, "p1") + "_" + made(59, "p2"),
        "a GitLab token": "gl" + "pat-" + url64(20, "glpat"),
        "a Slack token": "xo"
        + "xb-"
        + made(12, "x1", DIGITS)
        + "-"
        + made(12, "x2", DIGITS)
        + "-"
        + made(24, "x3"),
        "a Slack webhook": "https://hooks.slack"
        + ".com/services/T"
        + made(8, "t", UPPER + DIGITS)
        + "/B"
        + made(8, "b", UPPER + DIGITS)
        + "/"
        + made(24, "h"),
        "a Stripe key": "sk" + "_live_" + made(24, "stripe"),
        "a restricted Stripe key": "rk" + "_live_" + made(24, "stripe2"),
        "a Google API key": "AI" + "za" + url64(35, "google"),
        "a Google OAuth secret": "GOC" + "SPX-" + url64(28, "gocspx"),
        "a JSON Web Token": jwt("shop"),
        "a private key": pem("RSA " + "PRIVATE KEY", "rsa"),
        "a private key of OpenSSH": pem("OPENSSH " + "PRIVATE KEY", "ssh"),
        "a private key without a kind": pem("PRIVATE" + " KEY", "pkcs8"),
        "an encrypted private key": pem("ENCRYPTED " + "PRIVATE KEY", "enc"),
        "a private key in base64": b64(pem("EC " + "PRIVATE KEY", "ec")),
        "a private key on one line": pem("PRIVATE" + " KEY", "one").replace("\n", "\\n"),
        "a service account of Google": json.dumps(
            {"type": "service_account", "private_key": pem("PRIVATE" + " KEY", "gcp")}
        ),
        "an npm token": "npm" + "_" + made(36, "npm"),
        "a PyPI token": "pypi-" + "AgEIcHlwaS5vcmc" + url64(80, "pypi"),
        "a SendGrid key": "SG" + "." + url64(22, "sg1") + "." + url64(43, "sg2"),
        "a Twilio key": "SK" + made(32, "twilio", HEX),
        "a Telegram token": made(9, "tg", "123456789") + ":" + url64(35, "tg2"),
        "a Discord webhook": "https://discord"
        + ".com/api/webhooks/"
        + made(18, "d", DIGITS)
        + "/"
        + url64(68, "dw"),
        "a Discord bot's token": "M"
        + made(25, "db1")
        + "."
        + made(6, "db2")
        + "."
        + url64(27, "db3"),
        "an npm registry's login": "//npm.shop.internal/:_authToken=npm" + "_" + made(36, "npmrc"),
        "a Mailchimp key": made(32, "mc", HEX) + "-us" + "14",
        "a Mailgun key": "key" + "-" + made(32, "mg", HEX),
        "a Vault token": "hv" + "s." + url64(90, "vault"),
        "a DigitalOcean token": "dop" + "_v1_" + made(64, "do", HEX),
        "an Anthropic key": "sk" + "-ant-api03-" + url64(80, "ant"),
        "an OpenAI key": "sk" + "-" + made(20, "oa1") + "T3Blbk" + "FJ" + made(20, "oa2"),
        "an OpenAI project key": "sk" + "-proj-" + url64(60, "oap"),
        "a Hugging Face token": "hf" + "_" + made(34, "hf"),
        "a Docker token": "dckr" + "_pat_" + url64(27, "dckr"),
        "a Grafana token": "gls" + "a_" + made(32, "gl") + "_" + made(8, "gl8", HEX),
        "a New Relic key": "NRAK" + "-" + made(27, "nr", UPPER + DIGITS),
        "a Shopify token": "shp" + "at_" + made(32, "shp", HEX),
        "a Tailscale key": "tskey" + "-auth-" + made(24, "ts"),
        "an age key": "AGE-" + "SECRET-KEY-1" + made(58, "age", UPPER + DIGITS),
        "a Square secret": "sq0" + "csp-" + url64(43, "sq"),
        "an Artifactory key": "AK" + "Cp8" + made(60, "art"),
        "a storage key of Azure": "DefaultEndpointsProtocol=https;AccountName=shop;Account"
        + "Key="
        + made(86, "az", ALNUM)
        + "==;EndpointSuffix=core.windows.net",
        "a bus key of Azure": "Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccess"
        + "Key="
        + made(43, "sb")
        + "=",
        "a shared access signature": "https://shop.blob.core.windows.net/c?sv=2022-11-02&s"
        + "ig="
        + made(43, "sas")
        + "%3D",
        "a bearer token": "Authorization: Bearer " + made(40, "bearer"),
        "basic authentication": "Authorization: Basic " + b64("shop:" + word("basic")),
        "a registry's login": json.dumps(
            {"auths": {"registry.example.com": {"auth": b64("shop:" + word("docker"))}}}
        ),
    }
    rows = [
        Planted(kind, f"SETTING_{i}", value, "certain")
        for i, (kind, value) in enumerate(forms.items())
    ]
    rows += [
        Planted(
            "the id of an AWS key",
            "MAIL_USER",
            "AK" + "IA" + made(16, "aws", UPPER + "234567"),
            "likely",
        ),
        Planted(
            "a bcrypt hash", "DASHBOARD_LOGIN", "admin:$2" + "y$10$" + made(53, "bcrypt"), "likely"
        ),
        Planted(
            "an argon2 hash",
            "ADMIN",
            "$argon2" + "id$v=19$m=65536,t=3,p=4$" + made(22, "a1") + "$" + made(43, "a2"),
            "likely",
        ),
    ]
    return rows


def addresses() -> list[Planted]:
    pw = made(14, "address")
    certain = {
        "PostgreSQL": f"postgres://shop:{pw}@db:5432/shop?sslmode=disable",
        "PostgreSQL, long scheme": f"postgresql+asyncpg://shop:{pw}@db/shop",
        "MySQL": f"mysql://shop:{pw}@db:3306/shop",
        "MongoDB": f"mongodb://shop:{pw}@m-0.mongo,m-1.mongo:27017/shop?replicaSet=rs0",
        "MongoDB, SRV": f"mongodb+srv://shop:{pw}@cluster0.example.net/db",
        "percent-encoded": f"mongodb://shop:p%40{pw}@mongo/db",
        "AMQP": f"amqp://shop:{pw}@rabbitmq:5672/vhost",
        "Redis without a user": f"redis://:{pw}@redis:6379/0",
        "Redis over TLS": f"rediss://default:{pw}@redis:6380",
        "the second of a list": f"http://plain:80,http://shop:{pw}@search:9200",
        "HTTP": f"https://shop:{pw}@search.example.com:9200",
        "SMTP": f"smtp://mailer:{pw}@mail.example.com:587",
        "LDAP": f"ldap://cn=admin:{pw}@ldap:389",
        "Git with a token": f"https://{made(40, 'git')}@git.example.com/shop.git",
        "a Go DSN": f"shop:{pw}@tcp(mysql:3306)/shop?parseTime=true",
        "a Go DSN without a protocol": f"root:{pw}@(mysql:3306)/",
        "no scheme": f"shop:{pw}@db.example.com:5432/shop",
        "JDBC": f"jdbc:mysql://db/shop?user=shop&{P}={pw}",
        "ADO": f"Server=db;User Id=sa;{P.title()}={pw};",
        "ADO, short": f"Data Source=db;User ID=sa;Pwd={pw};",
        "libpq": f"host=db user=shop {P}={pw} dbname=shop",
        "StackExchange.Redis": f"redis:6380,{P}={pw},ssl=True",
        "Java options": f"-Xmx1g -Djavax.net.ssl.trustStore{P.title()}={pw} -Dx=y",
        "JAAS": f'org.apache.kafka.common.security.plain.PlainLoginModule required username="shop" {P}="{pw}";',
        "JSON": json.dumps({"user": "shop", P: pw}),
        "YAML": f"user: shop\n{P}: {pw}\n",
        "a query": f"https://api.example.com/v1?access_token={made(32, 'query')}",
        "Spring": f"--spring.datasource.{P}={pw}",
    }
    rows = [
        Planted(f"an address: {k}", f"TARGET_{i}", v, "certain")
        for i, (k, v) in enumerate(certain.items())
    ]
    rows += [
        Planted(
            "an address: defaults", "BROKER_URL", "amqp://guest:" + "guest@rabbitmq:5672", "likely"
        ),
        Planted(
            "an address: defaults", "DATABASE_URL", f"postgres://postgres:{P}@db/shop", "likely"
        ),
        Planted("an address: defaults", "DATA_SOURCE_NAME", f"root:root_{P}@(db:3306)/", "likely"),
    ]
    return rows


POINTERS = """
REMOTE_SECRET_NAME=istio-remote SECRET_NAME=shop-tls TLS_SECRET=shop-tls ALLOYDB_SECRET_NAME=db
SOURCE_SECRET_NAMESPACE=vault JWT_POLICY=third-party-jwt JWT_ISSUER=https://login.example.com
AUTHENTICATION_JWT_PRINCIPAL_CLAIMS=sub,email IMAGE_REGISTRY_CREDENTIALS=registry-shop
ALLOW_EMPTY_PASSWORD=yes MYSQL_RANDOM_ROOT_PASSWORD=yes ETCD_INITIAL_CLUSTER_TOKEN=etcd-cluster-1
TOKEN_PATH=/var/run/token KF_SA_TOKEN_PATH=/var/run/secrets/token DB_PASSWORD_FILE=/run/secrets/db
POSTGRES_PASSWORD_FILE=db-password GOOGLE_APPLICATION_CREDENTIALS=/secrets/key.json
OPENSHIFT_ENABLE_OAUTH=true KEYBOARD=qwerty TOKEN_URL=https://login.example.com/token
SECRETS_DIR=/etc/secrets METALLB_ML_SECRET_KEY_PATH=/etc/ml_secret_key KEYSPACE=shop
TOKEN_TTL=24h TOKEN_EXPIRATION=3600 JWT_EXPIRES_IN=7d PASSWORD_MIN_LENGTH=12 MAX_TOKENS=4096
TOKEN_LIMIT=100000 PASSWORD_POLICY=strict STRICT_PASSWORD_POLICY=false TOKEN_TYPE=Bearer
PASSWORD_ENABLED=true JWT_ALGORITHM=RS256 TOKEN_ALGORITHM=HS256 AUTH_HEADER=X-Forwarded-User
TOKEN_HEADER_NAME=X-Auth-Token TOKEN_PREFIX=shop SECRET_VERSION=latest VAULT_SECRET_HOST=vault
SECRET_BACKEND=vault DD_SECRET_BACKEND_COMMAND=/readsecret.sh SECRET_STORE=kubernetes
AWS_ACCESS_KEY_FIELD=accessKey SCRIPT_SECRET_KEY=custom-script.js PUBLIC_KEY=shop-public
PARTITION_KEY=tenant SORT_KEY=created PRIMARY_KEY=id RECAPTCHA_SITE_KEY=shop ROUTING_KEY=orders
TOPOLOGY_KEY=kubernetes.io/hostname IMAGE_PULL_SECRET=regcred IMAGE_PULL_SECRETS=regcred,other
TLS_KEY=/etc/tls/tls.key ETCDCTL_KEY=/etc/etcd/server.key SSH_KEY=/root/.ssh/id_rsa SSL_CERT=/x.pem
PASSWORD_HASHER=argon2 TOKEN_AUDIENCE=shop,api CSRF_TOKEN_FIELD=csrf SECRET_ID=shop-readonly-key
OIDC_CLIENT_ID=shop KEYCLOAK_REALM=shop KEY_VAULT_NAME=shop-kv KEYCLOAK_URL=http://keycloak:8080
PASSWORD_RESET_URL=/reset TOKEN_REFRESH_INTERVAL=1m PASSWORD_ROTATION_DAYS=30 PWD=/app
TOKEN_SERVICE=tokens TOKENS_PER_SECOND=50 CREDENTIALS_PROVIDER=env SECRET_PROVIDER=vault
AUTH_ENABLED=true REGISTRY_AUTH=htpasswd NEO4J_AUTH=none KAFKA_SSL_CLIENT_AUTH=required
PASSPORT_COUNT=3 COMPASS_URL=http://compass BYPASS_CACHE=true TURKEY_MODE=on MONKEY=george
SECRETARY=alice TOKENIZER=bert-base KEYFRAMES=12 SALTSTACK_MASTER=salt PASSTHROUGH=true
ENABLE_SECRET_INFORMER_FILTERING_BY_CERT_UID=false APP_SECURE_COOKIES=true LOCK_KEY=crawler:api:leader
""".split()


def look_alikes() -> list[Planted]:
    rows = []
    for pair in POINTERS:
        name, _, value = pair.partition("=")
        rows.append(Planted("a name that only points", name, value, "none"))
    return rows


REFERENCES = (
    """
$(DB_PASSWORD)|${DB_PASSWORD}|$DB_PASSWORD|{{ .Values.password }}|{{password}}|<password>|<your token>
${{ secrets.TOKEN }}|#{DB_PASSWORD}#|%DB_PASSWORD%|__DB_PASSWORD__|@DB_PASSWORD@|%(DB_PASSWORD)s
vault:secret/data/shop#password|ref+vault://secret/shop/password|ref+awsssm://shop/password
op://shop/db/password|ENC[AES256_GCM,data:8hr0,iv:x,tag:y,type:str]|{cipher}AQA3|secretref:shop
arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop|projects/shop/secrets/db/versions/latest
<path:secret/data/shop#password>|@Microsoft.KeyVault(SecretUri=https://kv/secrets/db)|file:///run/db
$(generate_password 32)|`cat /run/secrets/db`|$(cat /run/secrets/db)|ssm:///shop/db|{db_password}
${DB_PASSWORD:-}|$(PREFIX)$(DB_PASSWORD)|Bearer $(TOKEN)|db-password@azurekeyvault|[[ .password ]]
""".strip()
    .replace("\n", "|")
    .split("|")
)
PLACEHOLDERS = (
    "xxx|XXXXXXXX|***|********|...|???|TODO|TODO: set me|REPLACE_ME|REPLACE_WITH_YOUR_KEY|"
    "INSERT_API_TOKEN|FIXME|TBD|REDACTED|<enter token here>|[your token]|{Your token here}|----|"
    "PUT_YOUR_TOKEN_HERE|d6******"
).split("|")
INVENTED = "sk-YOURKEY|vendor-API_KEY|dummy-key|dummyApiKey|fake-token|example-key|your-api-key|some-api-key|my-api-key|not-needed|test-token|sk-not-required|placeholder_key|YOUR_RUNNER_TOKEN"


def stand_ins() -> list[Planted]:
    rows = []
    for i, value in enumerate(REFERENCES):
        name = ("DB_PASSWORD", "API_TOKEN", "CLIENT_SECRET")[i % 3]
        rows.append(Planted("a reference", name, value, "none"))
    for i, value in enumerate(PLACEHOLDERS):
        rows.append(Planted("a placeholder", ("DB_PASSWORD", "API_TOKEN")[i % 2], value, "none"))
    for i, value in enumerate(INVENTED.split("|")):
        rows.append(Planted("an invented key", ("API_KEY", "HF_TOKEN")[i % 2], value, "none"))
    rows += [
        Planted(
            "a reference in an address",
            "DATABASE_URL",
            "postgres://shop:$(DB_PASSWORD)@db/shop",
            "none",
        ),
        Planted(
            "a reference in an address",
            "DATABASE_URL",
            "postgres://${USER}:${PASS}@db/shop",
            "none",
        ),
        Planted(
            "a placeholder in an address",
            "DATABASE_URL",
            "postgres://shop:<password>@db/shop",
            "none",
        ),
        Planted(
            "a placeholder in an address",
            "DATABASE_URL",
            "postgres://USER:PASSWORD@HOST:5432/DB",
            "none",
        ),
        Planted(
            "a placeholder in an address", "DATABASE_URL", "postgres://shop:****@db/shop", "none"
        ),
        Planted(
            "a reference in options", "JAVA_OPTS", "-Dx.password=$(DB_PASSWORD) -Xmx1g", "none"
        ),
        Planted(
            "a reference in a string", "REDIS", "redis:6379,password=$(REDIS_PASSWORD)", "none"
        ),
        Planted("the name itself", "GOOGLE_API_KEY", "GOOGLE_API_KEY_VAL", "none"),
        Planted("the name itself", "SIGOPT_API_TOKEN", "sigopt_api_token", "none"),
        Planted("the name itself", "JWT_SECRET", "ENV_JWT_SECRET", "none"),
        Planted(
            "AWS's own example",
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
            "none",
        ),
        Planted("AWS's own example", "AWS_ACCESS_KEY_ID", "AKIA" + "IOSFODNN7EXAMPLE", "none"),
        Planted(
            "a key without a body",
            "the_good_stuff",
            "---BEGIN OPENSSH " + "PRIVATE KEY---\nxxxxx\n",
            "none",
        ),
    ]
    return rows


def harmless() -> list[Planted]:
    """Plain values under names that promise, and random-looking ones under names that do not."""
    rows = []
    for i, value in enumerate(
        "true false yes no on off none null enabled disabled 0 1 auto".split()
    ):
        name = ("REDIS_PASSWORD", "API_TOKEN", "CLIENT_SECRET")[i % 3]
        rows.append(Planted("a switch", name, value, "none"))
    for value in ("", " ", "\n"):
        rows.append(Planted("nothing", "DB_PASSWORD", value, "none"))
    for name, value in (
        ("API_TOKEN", "/var/run/secrets/token"),
        ("DB_PASSWORD", "/run/secrets/db-password"),
        ("DB_PASSWORD", "C:\\secrets\\db.txt"),
        ("API_KEY", "./keys/api.pem"),
        ("API_TOKEN", "https://login.example.com/token"),
        ("ACCESS_TOKEN", "24h"),
        ("API_TOKEN", "300"),
        ("SHARED_SECRET", "vault.shop.svc.cluster.local"),
        ("TOKEN", "jwt"),
        ("DEFAULT_TOKEN", "token.example.com:8443"),
        ("SECRET", "shop/database"),
        ("S3_CREDENTIALS", "minio-credentials"),
        ("WEBHOOK_SECRET", "10.0.0.1:8080"),
    ):
        rows.append(Planted("a path, host or quantity", name, value, "none"))
    for name, value in (
        ("IMAGE", "registry.example.com/shop/cart@sha256:" + made(64, "image", HEX)),
        ("DIGEST", "sha256:" + made(64, "digest", HEX)),
        ("GIT_COMMIT", made(40, "sha", HEX)),
        ("BUILD", made(12, "short", HEX)),
        ("AZURE_CLIENT_ID", uuid("azure-client")),
        ("AZURE_TENANT_ID", uuid("azure-tenant")),
        ("SUBSCRIPTION_ID", uuid("subscription")),
        ("INSTRUMENTATION_KEY", uuid("insights")),
        ("AZURE_IDENTITY", f"/subscriptions/{uuid('s')}/resourcegroups/shop/providers/x"),
        ("ROLE_ARN", "arn:aws:iam::123456789012:role/shop-" + made(12, "role", LOWER)),
        (
            "SSH_PUBLIC_KEY",
            "ssh-ed25519 " + "AAAAC3NzaC1lZDI1NTE5AAAAI" + made(43, "pub") + " cart",
        ),
        ("SSH_KEY", "ssh-rsa " + "AAAAB3NzaC1yc2E" + made(200, "rsapub") + " cart"),
        ("CA_BUNDLE", pem("CERTIFICATE", "ca")),
        ("TLS_CERT_B64", b64(pem("CERTIFICATE", "ca64"))),
        ("PUBLIC_KEY_PEM", pem("PUBLIC KEY", "pubpem")),
        ("HOST_FINGERPRINT", "SHA256:" + made(43, "finger")),
        ("AGE_RECIPIENT", "age1" + made(58, "age", LOWER + DIGITS)),
        ("SENTRY_DSN", f"https://{made(32, 'sentry', HEX)}@o1234.ingest.sentry.io/5678"),
        ("CLUSTER", "e2e-" + made(10, "cluster", HEX) + ".tests.k8s.example.com"),
        ("STATE_STORE", "s3://k8s-kops-ci-prow-state-store"),
        ("REDIS_URL", "redis://redis-service:6379/0"),
        ("DATABASE_URL", "postgres://shop@db:5432/shop"),
        ("DATABASE_URL", "/data/app.db"),
        ("MONGO_URI", "mongodb://mongo-0.mongo:27017,mongo-1.mongo:27017/shop"),
        ("ConnectionStrings__Redis", "redis-cluster:6379"),
        ("ConnectionStrings__Default", "Host=postgres;Database=shop;Integrated Security=true"),
        ("JAVA_OPTS", "-Xms64m -Xmx128m -XX:+UseG1GC -Djava.security.egd=file:/dev/urandom"),
        ("FEATURES", '{"AllAlpha":false,"tokenReview":true}'),
        ("REGISTRY", "us-central1-docker.pkg.dev/k8s-staging-images/aws-encryption-provider"),
        ("CIDRS", "10.0.0.0/8,100.64.0.0/10,fd00::/8"),
        ("KILL", "kill -9 $(ps afx | grep md5sum | awk '{print $1}')"),
        ("OWNER", "kubernetes://apis/apps/v1/namespaces/istio-system/deployments/ingress"),
        ("EMAIL", "alice@example.com"),
        ("GREETING", "Enter your password to continue"),
        ("COLOR", "#34577c"),
        ("SCHEDULE", "00 01 * * *"),
        ("VERSION", "v1.36.0-alpha.2+" + made(12, "version", HEX)),
        ("HEADER", "X-Auth-Token: $(TOKEN)"),
        ("AUTHOR", "Basic example of a description"),
        ("PROXY", "http://127.0.0.1:15002/a@b"),
        ("TIME_FORMAT", "2006-01-02T15:04:05Z07:00"),
    ):
        rows.append(Planted("random by look only", name, value, "none"))
    return rows


ROWS: tuple[Planted, ...] = tuple(
    by_name() + by_form() + addresses() + look_alikes() + stand_ins() + harmless()
)
