# The server, the tax-control command and the audit: compiled code and production dependencies only. The till is not in it.

FROM node:24-bookworm-slim AS build
WORKDIR /project
COPY package.json package-lock.json ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/billing-interface/package.json packages/billing-interface/
COPY packages/console/package.json packages/console/
COPY tools/no-telemetry tools/no-telemetry
COPY packages/sqlite-for-node-20/package.tgz packages/sqlite-for-node-20/
# Install scripts belong to the embedded Postgres, which nothing here runs.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json ./
COPY packages packages
COPY src src
COPY tools tools
RUN npx tsc -b src tools && npm run build -w @tax-control/console
COPY package.json LICENSE ./image/
COPY migrations image/migrations
# What is run, and no more: neither types and maps nor specs and the tools that need a till. A clone that was made under umask 077 is
# readable by its owner alone, and the server is not root.
RUN mkdir -p image/dist/tools image/packages/protocol image/packages/console/dist \
 && cp -R dist/src image/dist/src \
 && cp -R dist/tools/audit dist/tools/screen image/dist/tools/ \
 && cp -R packages/protocol/package.json packages/protocol/dist image/packages/protocol/ \
 && cp -R packages/console/dist/pages image/packages/console/dist/pages \
 && find image -type f \( -name '*.d.ts' -o -name '*.map' -o -name '*.spec.js' -o -name '.tsbuildinfo' \) -delete \
 && chmod -R a+rX image && chmod 755 image/dist/src/commands/main.js

FROM node:24-bookworm-slim AS dependencies
WORKDIR /project
COPY package.json package-lock.json ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/billing-interface/package.json packages/billing-interface/
COPY packages/console/package.json packages/console/
COPY tools/no-telemetry tools/no-telemetry
COPY packages/sqlite-for-node-20/package.tgz packages/sqlite-for-node-20/
# Half of what packages bring is for compilers and debuggers; TypeScript comes along for a plug-in of @nestjs/swagger that is
# not used. Licences stay.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund -w @tax-control/protocol --include-workspace-root \
 && rm -rf node_modules/typescript node_modules/typeorm/browser node_modules/@scarf \
 && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.md' \) \
      ! -iname '*licen[cs]e*' ! -iname '*notice*' -delete \
 && chmod -R a+rX node_modules

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /project
COPY --from=dependencies /project/node_modules node_modules
COPY --from=build /project/image ./
# Named volumes take owner and mode from here, so that what is in them is written by the server's own user and read by no other;
# /archive is for backups of PostgreSQL, whose user is 999 in its image.
RUN ln -s /project/dist/src/commands/main.js /usr/local/bin/tax-control \
 && install -d -o node -g node -m 700 /keys /recovery \
 && install -d -o 999 -g 999 -m 700 /archive
USER node
EXPOSE 8443 9443
# Young objects live as long as a request: with 32 MiB (of 16) for each half of their space, fewer of them are copied.
CMD ["node", "--max-semi-space-size=32", "dist/src/main.js"]
