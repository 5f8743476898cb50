# `npm run image` builds this. The image holds Node, the libraries that Node loads, and the bundle: no shell, no npm and no
# package manager; it runs as a numeric user with a read-only root file system, and writes nowhere but in /data.

# Base of the other stages: Node 24 on Debian, by digest.
ARG BASE=docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d

FROM ${BASE} AS bundle
WORKDIR /source
COPY . .
# Only the programs' dependencies, in the locked versions, and the bundler.
RUN bundler=esbuild@$(node -p 'require("./package-lock.json").packages["node_modules/esbuild"].version') \
  && npm install --no-save --omit=dev --loglevel=error --workspace=run-service --workspace=cli --workspace=metrics-service \
    --workspace=functions/webhooks "$bundler"
RUN install -d -o 65532 -g 65532 /bundle
# Node finds what V8 compiled only as the user that made it.
USER 65532:65532
ARG REVISION=
RUN REVISION=${REVISION} node packaging/bundle.mjs /bundle

FROM ${BASE} AS runtime
RUN set -eu; root=/runtime; libraries=$(ldd /usr/local/bin/node | grep -o '/[^ ]*'); \
  mkdir -p $root/etc $root/var/lib/dpkg/status.d; \
  cp --parents --dereference /usr/local/bin/node $libraries $root; \
  # What scanners go by: which system this is and which of its packages are in the image.
  cp --dereference /etc/os-release $root/etc; \
  for library in $libraries; do dpkg --search "*/${library##*/}"; done | cut -d: -f1 | sort -u | \
    while read -r package; do \
      dpkg --status "$package" >"$root/var/lib/dpkg/status.d/$package"; \
      cp --parents --dereference "/usr/share/doc/$package/copyright" $root; \
    done; \
  # Node's licence, which its own image has there.
  if [ -e /usr/local/LICENSE ]; then cp --parents /usr/local/LICENSE $root; fi; \
  install -d -m 0700 -o 65532 -g 65532 $root/data

FROM scratch
COPY --from=runtime /runtime /
COPY --from=bundle /bundle /app
ARG VERSION=
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="Activity Events" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.source="${SOURCE}"
# Cloud Run and Kubernetes reach the container from outside; Cloud Run sets PORT itself, 8080 unless told otherwise. Who may call is not
# the image's to say: elsewhere than on Cloud Run it starts only with ACCESS_FILE or ACCESS=open.
ENV HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
# What is larger goes back to the system as soon as it is free. By itself the C library raises this as it goes and keeps holes
# between small pieces for ever: 15 MB and more after a thousand pages of events.
ENV MALLOC_MMAP_THRESHOLD_=65536
# Each thread's young generation takes three times this, and by itself as much as three times 32 MB; docs/limits.md adds it up.
ENV NODE_OPTIONS=--max-semi-space-size=8
EXPOSE 8080 50080 50090
VOLUME /data
USER 65532:65532
# The page is /app/page/activity_page.cjs, on PAGE_PORT, 50080. The webhooks are /app/webhooks/activity_webhooks.cjs, on WEBHOOKS_PORT,
# 50090. On Cloud Run both listen on PORT. The client, /app/client/activity_client.cjs, also runs `forward`.
ENTRYPOINT ["/usr/local/bin/node", "/app/service/activity_server.cjs"]
