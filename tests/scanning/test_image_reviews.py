"""What reviews and check runs say of images."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.engine.image_review import to_image_review
from bot.engine.image_uses import plan_scans
from bot.formats.images.review import (
    images_only,
    with_image_comments,
    with_images,
    with_images_in_body,
)
from bot.model.change import ChangeSet
from bot.model.image import ImageAnswer
from bot.model.image_review import ImageReview
from bot.model.plan import Remark, Suggestion
from bot.model.review import CheckRun, Review
from bot.model.scan_policy import IgnoredVulnerability, ScanPolicy
from bot.model.vulnerability import ImageReport
from tests.scanning.making import DIGEST, OTHER, change, found, pinned, pod, report, uses

TODAY = date(2026, 11, 25)
URL = "https://github.com/acme/shop/pull/7/checks"
CHECK = CheckRun(
    head="h", conclusion="success", title="Fine", summary="Judged.", annotations=(), external_id="1"
)
PRESENT = pod("nginx:1.26", "redis:7")
LINE = 8


def reviewed(
    given: ImageReport | None,
    *,
    data: bytes = PRESENT,
    base: bytes | None = pod("nginx:1.25", "redis:7"),
    added: tuple[int, ...] = (LINE,),
    said: frozenset[str] = frozenset(),
    policy: ScanPolicy | None = None,
    **parts: Any,
) -> ImageReview:
    """The review of a change in which the first container runs another image."""
    (plan, *_) = plan_scans(uses(data))
    answers = [ImageAnswer(plan=plan, image=pinned(), report=given, **parts)]
    changes: ChangeSet = change(data, base, *added)
    return to_image_review(answers, changes, said, policy or ScanPolicy(), TODAY)


def comment(review: ImageReview) -> str:
    (only,) = with_image_comments(images_only("h", review), review, URL).comments
    assert (only.path, only.line, only.start_line) == ("pod.yaml", LINE, None)
    return only.body


def many(number: int) -> list[Any]:
    return [found(f"CVE-2024-{n:04}", "high", score=7.0 + n / 100) for n in range(number)]


def test_the_comment_counts_names_the_worst_five_and_links_to_the_rest() -> None:
    given = report(*many(6), found("CVE-2024-9999", "critical", fixed=(), status="will_not_fix"))
    body = comment(reviewed(given))
    assert body.startswith("**Image `nginx:1.26`**: 1 critical, 6 high.")
    rows = [line for line in body.splitlines() if line.startswith(("| 🔴", "| 🟠"))]
    assert len(rows) == 5
    assert rows[0] == "| 🔴 critical | `CVE-2024-9999` | `musl` | `1.0` | will not be fixed |"
    assert rows[1] == "| 🟠 high | `CVE-2024-0005` | `musl` | `1.0` | 1.1 |"
    assert f"2 more are in the [full report]({URL}), by trivy 0.59.1." in body
    assert body.rstrip().endswith("-->")


def test_a_base_that_ended_a_tag_that_moved_and_a_better_tag_are_said() -> None:
    given = report(found("CVE-1", "critical"), ended=True)
    body = comment(
        reviewed(given, moved_from=OTHER, newer=(("1.26.1", report(found("CVE-1", "low"))),))
    )
    assert "- its base, alpine 3.9, has reached its end: nobody mends it any more" in body
    assert f"- the tag 1.25.3 led to {OTHER[:19]} when podsec last looked: it has moved" in body
    assert "- the newer tag 1.26.1 has 1 low" in body


def test_a_tag_beside_another_digest_is_said() -> None:
    (plan, *_) = plan_scans(uses(PRESENT))
    drifted = ImageAnswer(plan=plan, image=pinned(tag_digest=OTHER), report=report())
    review = to_image_review([drifted], change(PRESENT, None, LINE), (), ScanPolicy(), TODAY)
    assert "the tag 1.25.3 leads to sha256:bbbbbbbbbbbb now, not to the digest" in comment(review)


def test_a_clean_image_gets_no_comment_and_a_line_in_the_check_run() -> None:
    review = reviewed(report(found("CVE-1", "low")))
    assert review.remarks == ()
    check = with_images(CHECK, review, enforce=True)
    assert check.conclusion == "success"
    assert "### Images\n\n**`nginx:1.26`**: 1 low." in check.summary


def test_what_was_said_is_not_said_again() -> None:
    given = report(found("CVE-1", "critical"))
    first = reviewed(given)
    (remark,) = first.remarks
    again = reviewed(given, said=frozenset({remark.fingerprint}))
    assert again.remarks == ()
    assert again.fails
    check = with_images(CHECK, again, enforce=True)
    assert check.conclusion == "failure"


def test_another_digest_behind_the_same_tag_is_news() -> None:
    given = report(found("CVE-1", "critical"))
    (plan, *_) = plan_scans(uses(PRESENT))
    prints = set()
    for digest in (DIGEST, OTHER):
        answers = [ImageAnswer(plan=plan, image=pinned(digest=digest), report=given)]
        review = to_image_review(answers, change(PRESENT, None, LINE), (), ScanPolicy(), TODAY)
        prints.add(review.remarks[0].fingerprint)
    assert len(prints) == 2


def test_an_image_that_no_line_of_the_diff_names_is_in_the_check_run_alone() -> None:
    review = reviewed(report(found("CVE-1", "critical")), added=())
    assert review.remarks == ()
    assert "1 critical" in with_images(CHECK, review, enforce=False).summary


def test_an_image_of_several_containers_gets_one_comment() -> None:
    data = pod("nginx:1.26", "nginx:1.26", "nginx:1.26")
    review = reviewed(report(found("CVE-1", "high")), data=data, base=None, added=(8, 10, 12))
    assert "It also runs in 2 other containers." in comment(review)


def test_the_digest_is_suggested_where_that_is_wanted() -> None:
    given = report(found("CVE-1", "high"))
    assert "suggestion" not in comment(reviewed(given))
    body = comment(reviewed(given, policy=ScanPolicy(pin=True)))
    assert f"```suggestion\n    image: nginx:1.26@{DIGEST}\n```" in body


def test_a_line_that_another_suggestion_replaces_gets_no_second_one() -> None:
    review = reviewed(report(found("CVE-1", "critical")), policy=ScanPolicy(pin=True))

    def beside(start: int, end: int, path: str = "pod.yaml") -> str:
        suggestion = Suggestion(start=start, end=end, lines=("x",), fixes=())
        said = Remark(path=path, start=start, end=end, findings=(), suggestion=suggestion)
        return comment(review.beside([said]))

    assert "```suggestion" not in beside(LINE, LINE + 3)
    assert f"write `@{DIGEST}` behind the tag" in beside(LINE - 2, LINE)
    assert "```suggestion" in beside(LINE + 1, LINE + 3)
    assert "```suggestion" in beside(LINE, LINE, "other.yaml")


def test_what_is_borne_is_counted_with_its_reasons() -> None:
    policy = ScanPolicy(ignored=(IgnoredVulnerability(id="CVE-2", reason="never called"),))
    body = comment(reviewed(report(found("CVE-1"), found("CVE-2")), policy=policy))
    assert "**: 1 high." in body
    assert "- 1 more do not count: never called" in body


@pytest.mark.parametrize(
    ("conclusion", "enforce", "expected"),
    [
        ("success", False, "neutral"),
        ("success", True, "failure"),
        ("neutral", True, "failure"),
        ("failure", False, "failure"),
    ],
)
def test_an_image_beyond_the_limit_fails_the_check_where_that_is_enforced(
    conclusion: Any, enforce: bool, expected: str
) -> None:
    from dataclasses import replace

    review = reviewed(report(found("CVE-1", "critical")))
    check = with_images(replace(CHECK, conclusion=conclusion), review, enforce=enforce)
    assert check.conclusion == expected
    assert check.title == "Fine, 1 image beyond the limit"


def test_a_scanner_that_is_down_is_said_and_the_rest_stands() -> None:
    review = reviewed(None, reason="the Trivy server cannot be reached")
    assert review.remarks == ()
    check = with_images(CHECK, review, enforce=True)
    assert check.conclusion == "neutral"
    assert check.title == "Fine, 1 image not scanned"
    assert check.summary.startswith("Judged.\n\n### Images")
    assert "| `nginx:1.26` | the Trivy server cannot be reached |" in check.summary
    bad = CheckRun(
        head="h", conclusion="failure", title="Bad", summary="", annotations=(), external_id="1"
    )
    assert with_images(bad, review, enforce=True).conclusion == "failure"


def test_without_images_the_check_run_is_as_it_was() -> None:
    assert with_images(CHECK, ImageReview(), enforce=True) is CHECK


def test_a_review_keeps_its_own_comments_and_its_body() -> None:
    review = reviewed(report(found("CVE-1", "high")))
    own = Review(head="h", body="Findings.", comments=())
    assert with_image_comments(own, review, URL).body == "Findings."
    assert images_only("h", review).body == (
        "podsec looked at 1 image that this pull request brings."
    )
    fallback = with_images_in_body(own, review, URL)
    assert fallback.comments == ()
    assert fallback.body.startswith("Findings.\n\n**Image `nginx:1.26`**: 1 high.")
    print_ = review.remarks[0].fingerprint
    assert fallback.body.endswith(f"\n\n<!-- podsec:v1 {print_} -->")
    marked = Review(head="h", body="Findings.\n\n<!-- podsec:v1 aa bb -->", comments=())
    both = with_images_in_body(marked, review, URL).body
    assert both.count("<!-- podsec:v1") == 1  # it counts at the end alone
    assert both.endswith(f"\n\n<!-- podsec:v1 aa bb {print_} -->")


def test_what_a_scanner_says_does_nothing_in_markdown() -> None:
    hostile = found(
        "CVE-1](https://evil.example) @everyone",
        "high",
        package="`x` <img src=x> | @org/team",
        installed="1\n\n# head",
        fixed=("[click](https://evil.example)", "@someone"),
        url="javascript:alert(1)",
    )
    given = report(hostile, partial="see https://evil.example <script>")
    body = comment(reviewed(given))
    outside = body.replace("`CVE-1](https://evil.example) @everyone`", "").replace(
        "``x` <img src=x> ∣ @org/team``", ""
    )
    assert "javascript:" not in body
    assert "<script>" not in outside
    assert "](https://evil.example)" not in outside
    assert "@someone" not in outside
    assert "\n# head" not in body
    assert "https://evil.example " not in outside


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://avd.aquasec.com/nvd/cve-1", True),
        ("http://x.example/", False),
        ("https://x.example/a b", False),
        ("https://x.example/)[x](y", False),
        ("https://x.example/\u202e", False),
        ("", False),
    ],
)
def test_only_plain_addresses_are_linked(url: str, linked: bool) -> None:
    body = comment(reviewed(report(found("CVE-1", "high", url=url))))
    assert (f"[`CVE-1`]({url})" in body) is linked


def test_a_summary_keeps_within_githubs_size() -> None:
    (plan, *_) = plan_scans(uses(PRESENT))
    rows = [found(f"CVE-2024-{n:05}", "critical", package="p" * 60) for n in range(2000)]
    answers = [ImageAnswer(plan=plan, image=pinned(), report=report(*rows)) for _ in range(20)]
    review = to_image_review(answers, change(PRESENT, None), (), ScanPolicy(), TODAY)
    check = with_images(CHECK, review, enforce=False)
    assert len(check.summary.encode()) < 65_535
    assert "more: `podsec images` shows them all." in check.summary
