"""A night as OpenTelemetry spans: the night, its steps, their blocks (extra ``telemetry``)."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.trace import Status, StatusCode, set_span_in_context

from recoup.engine.steps import StepEnded

#: Where spans go over the network; OTEL_EXPORTER_OTLP_ENDPOINT and its kin say to which address.
OTLP = "otlp"
REFUSED = 3


class SpanLines(SpanExporter):
    """Writes each span as one line of JSON, for a collector that reads files."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write the spans."""
        for span in spans:
            line = json.dumps(json.loads(span.to_json()), ensure_ascii=False)
            self._stream.write(f"{line}\n")
        self._stream.flush()
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        self._stream.close()


class Spans:
    """Makes a span of the night and one of every step or block, and sends them where ``to`` says.

    ``to``: ``otlp``, or the path of a file of JSON lines. The night's own clock is monotonic; what
    it shows is set against ``now`` once, at the start.
    Errors: OSError, when the file cannot be written.
    """

    def __init__(
        self, *, to: str, run: str, clock_ns: Callable[[], int], now: Callable[[], datetime]
    ) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": "recoup"}))
        if to == OTLP:
            self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        else:
            stream = Path(to).open("w", encoding="utf-8")  # noqa: SIM115 - closed by shutdown
            self._provider.add_span_processor(SimpleSpanProcessor(SpanLines(stream)))
        self._clock_ns = clock_ns
        self._offset = int(now().timestamp() * 1_000_000) * 1_000 - clock_ns()
        self._tracer = self._provider.get_tracer("recoup.night")
        began = clock_ns() + self._offset
        self._night = self._tracer.start_span("night", start_time=began, attributes={"run": run})
        self._within = set_span_in_context(self._night)

    def say(self, zh: str, en: str) -> None:
        """Have no use for sentences."""

    def mark(self, step: str, part: int, parts: int) -> None:
        """Have no use for beginnings."""

    def ended(self, step: StepEnded) -> None:
        """Make the span of a step, or of a block of one."""
        span = self._tracer.start_span(
            step.step,
            context=self._within,
            start_time=step.began_ns + self._offset,
            attributes={"rows": step.rows, "block": step.block, "blocks": step.blocks},
        )
        span.end(step.ended_ns + self._offset)

    def close(self, **facts: object) -> None:
        """End the night's span and send what is left."""
        for name, value in facts.items():
            if isinstance(value, (int, str)):
                self._night.set_attribute(name, value)
        if facts.get("status") == REFUSED:
            self._night.set_status(Status(StatusCode.ERROR, str(facts.get("en", ""))))
        self._night.end(self._clock_ns() + self._offset)
        self._provider.shutdown()
