"""The performance page: a flow of a thousand nodes opened, moved by every gesture and run, told as one line of JSON.

What is asked here is that the measure measures: how fast a busy machine is says nothing of the product.
"""

import json
import subprocess
import sys

from bench.product import ROOT

PHASES = ("pan", "pan_far", "drag", "zoom", "run", "run_far")


def test_a_large_canvas_is_opened_moved_and_run_and_its_frames_and_tasks_are_told_as_json() -> None:
    command = [sys.executable, "manage.py", "bench", "canvas-1000"]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=900).stdout
    (told,) = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    print(json.dumps(told))
    assert (told["workload"], told["nodes"]) == ("canvas-1000", 1_000)
    for phase in (*PHASES, "bare", "bare_drag", "bare_zoom", "one_node"):
        figures = told[phase] if phase in PHASES else told["floor"][phase]
        assert figures["frames"] > 50, phase
        assert figures["longest_task_cpu_ms"] > 0, phase
        assert figures["longest_task_ms"] > 0, phase
        assert 0 <= figures["lost_to_page"] <= figures["lost"], phase
    assert told["longest_task_ms"] == max(told[phase]["longest_task_ms"] for phase in PHASES)
    assert told["least_frames_per_s"] == min(told[phase]["frames_per_s"] for phase in PHASES)
    assert {"usable_ms", "open_ms", "least_frames_per_s", "longest_task_ms"} == {
        each["figure"] for each in told["targets"]
    }
    assert {"flows_kib", "editor_kib", "later_kib"} <= told["bundle"].keys()
