# The application in a container: docs/container.md. The first stage installs packages and prepares
# the files. The second has these files, Debian's Python, and neither a shell nor a package manager.
#
# Both stages have Python 3.13 on Debian 13, because compiled packages belong to one version of both.

FROM gcr.io/distroless/python3-debian13:nonroot AS python

FROM python:3.13-slim-trixie AS build
WORKDIR /source
COPY requirements requirements
# Lock files of further packages: `--build-arg EXTRAS="traces sentry"`.
ARG EXTRAS=""
# The optional secret is pip's configuration, for an index of your own.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    for name in container $EXTRAS; do set -- "$@" -r "requirements/$name.txt"; done \
    && python -m pip install --disable-pip-version-check --no-cache-dir --no-compile --no-deps \
        --only-binary=:all: --require-hashes --root-user-action=ignore --target /app/packages "$@"
COPY . .
RUN python -m infra.container /app

FROM python
ARG REVISION=""
ARG VERSION=""
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="A Django application behind Amazon Cognito" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.version="$VERSION"
USER root
# Debian compiles these when a package is installed, which has not happened in this image.
RUN ["/usr/bin/python3.13", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "/usr/lib/python3.13"]
COPY --from=build /app /app
WORKDIR /app
# gunicorn listens on the port in PORT, on all addresses. Other processes get WEB_CONCURRENCY.
ENV PORT=8000 PYTHONPATH=/app/packages PYTHONUNBUFFERED=1
# A number, so that Kubernetes can check that it is not root's.
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["/usr/bin/python3.13", "-I", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["/usr/bin/python3.13"]
CMD ["-m", "gunicorn", "project.wsgi"]
