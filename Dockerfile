# The steps are those of `make run`: the same lock, the same goal `install`.
FROM python:3.13-slim-trixie AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/neuvo
COPY Makefile pyproject.toml requirements.lock README.md LICENSE NOTICE ./
COPY bot ./bot
COPY channels ./channels
COPY console ./console
COPY dialogs ./dialogs
COPY health ./health
COPY knowledge ./knowledge
COPY mydata ./mydata
COPY nlu ./nlu
COPY portal ./portal
COPY proactive ./proactive
RUN make install PYTHON=python3
# Train once here, not at each start of each container.
ENV NEUVO_VAR_DIR=/srv/neuvo/var
RUN .venv/bin/neuvo train

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --home-dir /srv/neuvo --shell /usr/sbin/nologin neuvo
WORKDIR /srv/neuvo
COPY --from=build /srv/neuvo /srv/neuvo
RUN chown -R neuvo:neuvo var
ENV PATH=/srv/neuvo/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NEUVO_VAR_DIR=/srv/neuvo/var \
    NEUVO_HOST=0.0.0.0 \
    NEUVO_PORT=8080 \
    NEUVO_LOG_FORMAT=json
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
CMD ["neuvo", "serve"]
