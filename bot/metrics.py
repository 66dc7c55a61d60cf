"""What this process counts and measures, for Prometheus at ``/metrics``. Labels are names of ours alone."""

from __future__ import annotations

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

REGISTRY = CollectorRegistry()
CONTENT_TYPE = CONTENT_TYPE_LATEST
QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Edges in seconds, from understanding a text (about a millisecond) to a call of a slow service."""

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

received = Counter(
    "neuvo_received", "Messages from channels: new, duplicate or refused.", ["channel", "result"], registry=REGISTRY
)
turns = Counter("neuvo_turns", "Turns by how they ended.", ["channel", "intent", "outcome"], registry=REGISTRY)
turn_seconds = Histogram(
    "neuvo_turn_seconds", "From the claim of a message to its commit.", ["channel"], buckets=QUICK, registry=REGISTRY
)
understand_seconds = Histogram(
    "neuvo_understand_seconds", "Understanding of one text.", ["language"], buckets=QUICK, registry=REGISTRY
)
safety = Counter("neuvo_safety", "Answers of the safety rules.", ["channel", "kind"], registry=REGISTRY)
sends = Counter("neuvo_sends", "Calls of a channel to send, by outcome.", ["channel", "outcome"], registry=REGISTRY)
send_seconds = Histogram(
    "neuvo_send_seconds", "One call of a channel to send.", ["channel"], buckets=QUICK, registry=REGISTRY
)
inbox_depth = Gauge("neuvo_inbox_messages", "Messages not finished, by state.", ["state"], registry=REGISTRY)
inbox_oldest_seconds = Gauge(
    "neuvo_inbox_oldest_seconds", "Age of the oldest message that waits for its turn.", registry=REGISTRY
)
outbox = Gauge("neuvo_outbox_messages", "Outgoing messages not done with, by status.", ["status"], registry=REGISTRY)
effects = Gauge("neuvo_effects", "Effects not done with, by status.", ["status"], registry=REGISTRY)
nudges = Counter(
    "neuvo_nudges", "What became of messages that the city writes first.", ["status", "reason"], registry=REGISTRY
)
nudges_late_seconds = Gauge(
    "neuvo_nudges_late_seconds", "For how long the first nudge that waits has been due.", registry=REGISTRY
)
jobs = Counter("neuvo_jobs", "Jobs by entrypoint and outcome.", ["entrypoint", "outcome"], registry=REGISTRY)
job_seconds = Histogram("neuvo_job_seconds", "One job.", ["entrypoint"], buckets=QUICK, registry=REGISTRY)
sockets = Gauge("neuvo_websockets", "Open WebSocket streams of the web chat.", registry=REGISTRY)
requests = Counter(
    "neuvo_http_requests", "Requests by route pattern and status.", ["method", "route", "status"], registry=REGISTRY
)
database_up = Gauge("neuvo_database_up", "1 when the last look at the database succeeded.", registry=REGISTRY)


def exposition() -> bytes:
    """All metrics in Prometheus's text format, of the type ``CONTENT_TYPE``."""
    return generate_latest(REGISTRY)
