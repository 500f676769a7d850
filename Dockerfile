# syntax=docker/dockerfile:1
# docker build -t tripline .
# docker run --read-only -v tripline-data:/data -v ./credentials.json:/etc/tripline/credentials.json:ro \
#   -p 9470:9470 tripline serve --host 0.0.0.0 --data-dir /data --credentials /etc/tripline/credentials.json

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build && npm pack --silent --pack-destination /tmp \
  && mkdir /app && cd /app && npm init --yes >/dev/null && npm install --omit=dev /tmp/tripline-*.tgz

FROM node:24-bookworm-slim
ENV NODE_ENV=production TRIPLINE_URL=http://127.0.0.1:9470
# Messages on their way to the disk stay in the young generation: a sixth less processor, up to 100 MB more memory.
ENV NODE_OPTIONS=--max-semi-space-size=64
COPY --from=build /app /app
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 9470 8883
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(process.env.TRIPLINE_URL + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/node_modules/.bin/tripline"]
# Within the container alone; to publish a port, listen on 0.0.0.0 with --credentials.
CMD ["serve", "--data-dir", "/data"]
