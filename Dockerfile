# The build stage has the compiler and the development packages; nothing of it but dist/ and production packages goes on.
FROM node:20.19.5-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY .ci/copy-assets.js .ci/
RUN npm ci --no-audit --no-fund
COPY proto proto
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20.19.5-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/proto proto
COPY image image
# Numeric, so that Kubernetes can tell that it is not root.
USER 10001:10001
EXPOSE 7400 7401 7402
# A shell for a millisecond: node takes its place once the heap's limit is known.
ENTRYPOINT ["/app/image/start"]
