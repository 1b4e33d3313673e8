"""Why something failed, as the pages that the server draws say it: in the reader's language."""

import pytest
from django.utils.translation import override

from flows.nodes import ml_reasons as why
from flows.nodes.errors import NotSent
from flows.nodes.ml_exchange import Busy
from flows.nodes.ml_rollout import DeploymentFailed, EndpointTaken, EndpointWasTaken, NotSettled
from flows.operations.failures import as_sentence, retold
from flows.runtime.beside import CANCELLED

NAMED = {"version": "8", "model": "churn", "endpoint": "live"}
BUSY = Busy(what=why.REGISTRY, status=503, reason="not now").message
TOLD = {
    DeploymentFailed(reason=why.UNHEALTHY.format(reason=why.STARTING_WITH.format(reason="no memory")), **NAMED): (
        "churn 버전 8 모델을 live에 배포하지 못했습니다: 제시간에 정상이 되지 않았습니다: 대상이 아직 시작하는 중이라고 "
        "합니다: no memory. 이전 버전이 계속 서비스합니다."
    ),
    EndpointTaken(number="12", **NAMED): (
        "churn 버전 8 모델을 live에 배포하지 못했습니다: 이 배포를 시작할 때 12번 실행이 그곳에 배포하고 있었습니다."
    ),
    EndpointWasTaken(**NAMED): (
        "churn 버전 8 모델을 live에 배포하지 못했습니다: 이 배포를 시작할 때 다른 실행이 그곳에 배포하고 있었습니다."
    ),
    NotSettled(trouble=BUSY, **NAMED): (
        "churn 버전 8 모델이 live에서 서비스 중이지만 마무리하지 못했습니다: 레지스트리 응답 503: not now."
    ),
    NotSent("somebody's own words"): "아무것도 보내지 않았습니다: somebody's own words",
}


@pytest.mark.parametrize(("error", "told"), TOLD.items(), ids=lambda one: type(one).__name__)
def test_a_failure_is_said_again_whole_in_the_readers_language(error: Exception, told: str) -> None:
    with override("ko"):
        assert retold(str(error)) == told
    with override("en"):
        assert retold(str(error)) == str(error)


def test_what_somebody_else_said_stays_as_it_was() -> None:
    with override("ko"):
        assert [retold(text) for text in ("", "out of memory", "a: b")] == ["", "out of memory", "a: b"]


def test_a_reason_begins_a_line_as_a_sentence_does_but_a_name_stays_as_it_is_written() -> None:
    with override("en"):
        assert as_sentence(CANCELLED) == "Its step was cancelled before it was through"
        assert as_sentence("https://one.example is gone") == "https://one.example is gone"
    with override("ko"):
        assert as_sentence(CANCELLED) == "끝나기 전에 단계가 취소되었습니다"
        assert as_sentence(EndpointWasTaken(**NAMED).message).startswith("churn 버전 8")


def test_a_sentence_is_known_without_its_full_stop_where_it_is_part_of_another() -> None:
    missing = "The credential models has no field target_token"
    with override("ko"):
        whole = retold(f"{missing}.")
        assert whole != f"{missing}."
        assert retold(f"it was not healthy in time: {missing}").endswith(whole.removesuffix("."))
