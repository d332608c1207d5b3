"""Signed webhooks: one thread sends them in order and keeps what the receiver answered.

GitHub waits ten seconds for an answer and never sends again by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import uuid
from typing import Any

import requests

from bot.sandbox import pull_shapes, shapes
from bot.sandbox.world import (
    Delivery,
    Issue,
    IssueComment,
    Pull,
    Repository,
    ReviewComment,
    World,
    now,
)


class Webhooks:
    """The App's deliveries."""

    def __init__(self, world: World, secret: str, url: str | None) -> None:
        self.world = world
        self.url = url
        self._secret = secret.encode()
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._held: list[Delivery] | None = None
        self._thread = threading.Thread(target=self._send_all, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send what waits, then end."""
        self._queue.put(None)
        self._thread.join(15)

    def emit(self, event: str, payload: dict[str, Any]) -> Delivery:
        """Send an event."""
        delivery = Delivery(
            id=str(uuid.uuid4()), number=self.world.new_id(), event=event, payload=payload
        )
        self.world.deliveries.append(delivery)
        self._post(delivery)
        return delivery

    def redeliver(self, guid: str) -> Delivery:
        """Send one again under the same GUID."""
        first = next(d for d in self.world.deliveries if d.id == guid)
        again = Delivery(
            id=guid,
            number=self.world.new_id(),
            event=first.event,
            payload=first.payload,
            redelivery=True,
        )
        self.world.deliveries.append(again)
        self._post(again)
        return again

    def _post(self, delivery: Delivery) -> None:
        if self._held is not None:
            self._held.append(delivery)
        else:
            self._queue.put(delivery)

    def hold(self) -> None:
        """Keep deliveries back, as GitHub does on a slow day."""
        self._held = []

    def release(self, *, reverse: bool) -> None:
        """Send what was kept back, in the order of the events or in the reverse one."""
        held, self._held = self._held or [], None
        for delivery in reversed(held) if reverse else held:
            self._queue.put(delivery)

    def idle(self) -> bool:
        """Whether every delivery has its answer."""
        return all(delivery.status is not None for delivery in self.world.deliveries)

    def _send_all(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (delivery := self._queue.get()) is not None:
                delivery.status = self._send(session, delivery)

    def _send(self, session: requests.Session, delivery: Delivery) -> int:
        if self.url is None:
            return 0
        body = json.dumps(delivery.payload).encode()
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {
            "User-Agent": "GitHub-Hookshot/5a0dbox",
            "Content-Type": "application/json",
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Delivery": delivery.id,
            "X-GitHub-Hook-ID": "1",
            "X-GitHub-Hook-Installation-Target-ID": str(self.world.app_id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        try:
            return session.post(self.url, data=body, headers=headers, timeout=10).status_code
        except requests.RequestException:
            return 502

    def common(self, home: Repository, sender: str) -> dict[str, Any]:
        """What every delivery of a repository holds."""
        number = self.world.installation
        return {
            "repository": shapes.repository(self.world, home),
            "sender": shapes.user(self.world, sender),
            "installation": {"id": number, "node_id": shapes.node_id("I", number)},
        }

    def pull_request(
        self, action: str, home: Repository, pull: Pull, sender: str, **more: Any
    ) -> None:
        """`pull_request`, for example `opened`, or `synchronize` with before and after."""
        data = pull_shapes.full_pull(self.world, home, pull) | {"mergeable": None}
        data |= {"mergeable_state": "unknown"}
        self.emit(
            "pull_request",
            {
                "action": action,
                "number": pull.number,
                "pull_request": data,
                **more,
                **self.common(home, sender),
            },
        )

    def issues(self, action: str, home: Repository, issue: Issue, sender: str, **more: Any) -> None:
        """`issues`, for example `edited` with the changes."""
        data = {"issue": pull_shapes.issue(self.world, home, issue), **self.common(home, sender)}
        self.emit("issues", {"action": action, **data, **more})

    def issue_comment(
        self, action: str, home: Repository, pull: Pull | Issue, comment: IssueComment
    ) -> None:
        """`issue_comment` on a pull request or an issue."""
        self.emit(
            "issue_comment",
            {
                "action": action,
                "issue": pull_shapes.issue(self.world, home, pull),
                "comment": pull_shapes.issue_comment(self.world, home, comment),
                **self.common(home, comment.user),
            },
        )

    def review_comment(
        self, action: str, home: Repository, pull: Pull, comment: ReviewComment
    ) -> None:
        """`pull_request_review_comment`: a comment on a line."""
        data = pull_shapes.simple_pull(self.world, home, pull)
        self.emit(
            "pull_request_review_comment",
            {
                "action": action,
                "pull_request": data,
                "comment": pull_shapes.review_comment(self.world, home, pull, comment),
                **self.common(home, comment.user),
            },
        )

    def ping(self) -> None:
        """What GitHub sends when a hook is made."""
        hook = {
            "type": "App",
            "id": 1,
            "name": "web",
            "active": True,
            "events": ["pull_request", "issue_comment"],
            "config": {"content_type": "json", "insecure_ssl": "0", "url": self.url or ""},
            "updated_at": now(),
            "created_at": now(),
            "app_id": self.world.app_id,
            "deliveries_url": f"{self.world.url}/app/hook/deliveries",
        }
        self.emit("ping", {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": hook})
