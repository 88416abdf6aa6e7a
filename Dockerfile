# Perimeter's images: `control`, `sampler-cpu` and `sampler-cuda` (docs/deploy.md). linux/amd64.
# Bases are pinned by digest; the tag says what the digest is.
ARG NODE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG CUDA=nvidia/cuda:12.9.2-cudnn-runtime-ubuntu24.04@sha256:070f8f2672df1b05b84c0409a5fd1d54ddfd646e5b9d8dee7878131271b563fc
# Where ONNX Runtime's CUDA provider comes from: `nuget`, by the package's own script, or `local`, the folder cuda-provider/.
ARG CUDA_PROVIDER=nuget

# --- What is built, in stages that no image holds ---

FROM ${NODE} AS installed
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package's own script is run: all that is needed is in the packages. A registry or its certificates are named by the secret `npmrc`.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --prefer-offline --loglevel=error

FROM installed AS build
COPY LICENSE tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY scripts scripts
COPY test test
COPY bench bench
COPY certification certification
COPY workflows workflows
COPY activities activities
COPY workers workers
COPY cli cli
RUN npm run --silent build && node scripts/image/collect-app.ts /image

FROM installed AS packages
COPY scripts/image scripts/image
RUN npm prune --omit=dev --ignore-scripts --loglevel=error && node scripts/image/prune-packages.ts && node scripts/image/write-sbom.ts

# ONNX Runtime runs models; a control worker and the commands that ask workers have none.
FROM packages AS control-packages
RUN npm uninstall onnxruntime-node --omit=dev --ignore-scripts --loglevel=error && node scripts/image/write-sbom.ts

FROM packages AS provider-nuget
RUN node scripts/image/fetch-cuda-provider.ts /provider

FROM packages AS provider-local
COPY cuda-provider /local
RUN node scripts/image/take-cuda-provider.ts /local /provider

FROM provider-${CUDA_PROVIDER} AS provider

# --- The images ---

FROM ${NODE} AS runtime
# npm and yarn build images; they run nothing in one.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* /usr/local/bin/yarn*
COPY scripts/image/prepare-system.sh /tmp/
RUN sh /tmp/prepare-system.sh && rm /tmp/prepare-system.sh
WORKDIR /app
ENV NODE_ENV=production HOME=/tmp
EXPOSE 8080 9464
USER 10001:10001
ENTRYPOINT ["tini", "--", "node", "/app/bin/perimeter.js"]
CMD ["--help"]

FROM runtime AS control
COPY --from=control-packages /app/node_modules node_modules
COPY --from=control-packages /app/sbom.cdx.json ./
COPY --from=build /image ./
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Perimeter control worker" \
      org.opencontainers.image.description="Workflows, store and command line of Perimeter; runs no model." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS sampler-cpu
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/sbom.cdx.json ./
COPY --from=build /image ./
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Perimeter sampler, CPU" \
      org.opencontainers.image.description="Draws Perimeter's samples on a CPU." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM ${CUDA} AS sampler-cuda
COPY scripts/image/prepare-system.sh /tmp/
RUN sh /tmp/prepare-system.sh && rm /tmp/prepare-system.sh
COPY --from=installed /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=provider /provider node_modules/onnxruntime-node/bin/napi-v6/linux/x64
RUN --mount=type=bind,source=scripts/image,target=/tmp/image node /tmp/image/check-cuda-provider.ts node_modules/onnxruntime-node/bin/napi-v6/linux/x64
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/sbom.cdx.json ./
COPY --from=build /image ./
ENV NODE_ENV=production HOME=/tmp NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
EXPOSE 8080 9464
USER 10001:10001
ENTRYPOINT ["tini", "--", "node", "/app/bin/perimeter.js"]
CMD ["--help"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Perimeter sampler, CUDA" \
      org.opencontainers.image.description="Draws Perimeter's samples on an NVIDIA GPU." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
