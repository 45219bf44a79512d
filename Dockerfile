# The image of web, worker and beat. scripts/rehearse-image runs these very lines without an engine.
# Build: docker compose build. Why each base: Debian 12 is what the tests run on.

# --- Everything that is needed to make the site, and stays behind ------------------------------------------
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: -r requirements/run.txt \
    && python -m venv --without-pip /opt/node \
    && python -m pip --python /opt/node/bin/python install --require-hashes --only-binary :all: -r requirements/build.txt

# The look changes more often than the packages and less often than the code.
COPY package.json package-lock.json .npmrc ./
COPY scripts/ scripts/
COPY static/ static/
RUN VIRTUAL_ENV=/opt/node scripts/build-assets && rm -rf node_modules

COPY . .
# Static files need no secret; production asks for its settings all the same. This key is thrown away.
RUN ENVIRONMENT=production ALLOWED_HOSTS=build.invalid SITE_URL=https://build.invalid \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    DATABASE_URL=postgres://build.invalid/none REDIS_URL=redis://:none@build.invalid EMAIL_URL=smtp://build.invalid \
    MEDIA_ROOT=/tmp/media CONTACT_EMAIL=nobody@build.invalid \
    /opt/venv/bin/python manage.py collectstatic --noinput \
    && /opt/venv/bin/python -m compileall -q .

# --- What runs: no compiler, no Node, no package manager of Python -----------------------------------------
FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Pledge Tracker" \
      org.opencontainers.image.description="The public memory of the Synergi pledge to reduce ethnic inequalities in mental health care" \
      org.opencontainers.image.base.name="docker.io/library/python:3.11-slim-bookworm"

# What WeasyPrint needs to lay out a PDF. Not pinned: a new build shall have Debian's security updates.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && (python -m pip uninstall --yes pip setuptools wheel || true) \
    && groupadd --gid 10001 pledge \
    && useradd --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin --uid 10001 --gid pledge pledge \
    && install --directory --owner=pledge --group=pledge /srv/media

COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app

ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production \
    MEDIA_ROOT=/srv/media
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/ready', timeout=5)"]
# No access log: addresses of invitations would stand in it.
CMD ["gunicorn", "pledge_tracker.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", \
     "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
