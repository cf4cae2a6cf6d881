# Two images out of one file: `api` (no torch) and `worker`. Both run as a user without rights and need no writable root.

FROM node:22-slim AS page
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim AS base
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 HOME=/data RIDGELINE_HOME=/data
RUN python -m venv /venv \
 && useradd --uid 10001 --home-dir /data --shell /usr/sbin/nologin ridgeline \
 && install -d -o ridgeline -g ridgeline /data /checkpoints
WORKDIR /app

FROM base AS api
COPY requirements/api.lock requirements/api.lock
RUN --mount=type=cache,target=/tmp/pip pip install --cache-dir /tmp/pip --require-hashes -r requirements/api.lock
COPY pyproject.toml README.md alembic.ini ./
COPY alembic alembic
COPY core core
COPY backend backend
COPY --from=page /app/frontend/dist frontend/dist
RUN pip install --no-deps --no-build-isolation --no-cache-dir -e . \
 && python -m compileall -q core backend alembic
USER ridgeline
ENV RIDGELINE_HOST=0.0.0.0 RIDGELINE_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["python", "-m", "backend.monitoring.health"]
CMD ["ridgeline", "serve"]

FROM base AS worker
COPY requirements/worker.lock requirements/worker.lock
RUN --mount=type=cache,target=/tmp/pip pip install --cache-dir /tmp/pip --require-hashes -r requirements/worker.lock
COPY pyproject.toml README.md alembic.ini ./
COPY alembic alembic
COPY core core
COPY backend backend
COPY worker worker
RUN pip install --no-deps --no-build-isolation --no-cache-dir -e . && python -m compileall -q core backend worker alembic
USER ridgeline
VOLUME /data /checkpoints
HEALTHCHECK --interval=10s --timeout=20s --start-period=60s --retries=6 CMD ["python", "-m", "worker.supervisor.health"]
CMD ["ridgeline", "worker"]
