# The bridge in a container: see docs/deploy.md.
#   docker build -t capcoada .
#   docker run -d --name bridge --init -v capcoada:/data capcoada

FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/capcoada
COPY requirements.lock .
RUN /opt/capcoada/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY core core
COPY bridge bridge
COPY tui tui
RUN /opt/capcoada/bin/pip install --no-cache-dir --disable-pip-version-check \
    --no-deps --no-build-isolation .

FROM python:3.11-slim
COPY --from=build /opt/capcoada /opt/capcoada
# Data belongs to this user alone; secrets come with the volume or as files mounted at run time.
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin capcoada \
    && install -d -m 0700 -o capcoada -g capcoada /data
USER capcoada
ENV CAPCOADA_DATA=/data \
    LC_ALL=C.UTF-8 \
    PATH=/opt/capcoada/bin:$PATH \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8787
# An orderly stop takes up to twenty seconds: give it --stop-timeout 30.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "bridge.server.probe"]
ENTRYPOINT ["capcoada"]
CMD ["bridge"]
