# The server and the tax-control command: compiled code and production dependencies only. The till is not in it.

FROM node:24-bookworm-slim AS build
WORKDIR /project
COPY package.json package-lock.json ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/billing-interface/package.json packages/billing-interface/
COPY packages/console/package.json packages/console/
# Install scripts belong to the till's SQLite and the embedded Postgres, which the server does not use.
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY packages/protocol packages/protocol
COPY packages/console packages/console
COPY src src
RUN npx tsc -b src && npm run build -w @tax-control/console

FROM node:24-bookworm-slim AS dependencies
WORKDIR /project
COPY package.json package-lock.json ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/billing-interface/package.json packages/billing-interface/
COPY packages/console/package.json packages/console/
RUN npm ci --omit=dev --ignore-scripts -w @tax-control/protocol --include-workspace-root

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /project
COPY --from=dependencies /project/node_modules node_modules
COPY --from=build /project/packages/protocol/package.json packages/protocol/package.json
COPY --from=build /project/packages/protocol/dist packages/protocol/dist
COPY --from=build /project/packages/console/dist/pages packages/console/dist/pages
COPY --from=build /project/dist/src dist/src
COPY package.json LICENSE ./
COPY migrations migrations
# A named volume takes owner and mode from here, so that the keys are written by the server's own user.
RUN install -d -o node -g node -m 700 /keys
USER node
EXPOSE 8443 9443
# Young objects live as long as a request: with 32 MiB (of 16) for each half of their space, fewer of them are copied.
CMD ["node", "--max-semi-space-size=32", "dist/src/main.js"]
