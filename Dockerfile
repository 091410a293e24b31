# syntax=docker/dockerfile:1
# relguard and nothing else: one static program, no shell, no user with a name.
#
#   docker build --tag relguard .
#   docker run --rm --user "$(id -u)" --volume "$PWD:/project:ro" relguard audit
#
# There is no git in it either: what only the git program can do (signatures, hooks, the steps of the process that make
# refs) is for a place that has one.
#
# A release takes its programs in place of the first stage (`--build-context build=DIR`), so that the image holds the
# same bytes as the archives. That is why this stage's base is named by a tag that moves: no byte of a release is from it.
FROM rust:1-alpine AS build
ARG TARGETARCH
RUN apk add --no-cache build-base
WORKDIR /source
COPY . .
RUN cargo build --release --locked --bin relguard \
 && install -D target/release/relguard "/out/$TARGETARCH/relguard"

FROM scratch
ARG TARGETARCH
LABEL org.opencontainers.image.title="relguard" \
      org.opencontainers.image.description="The release gate for Helm-chart projects" \
      org.opencontainers.image.source="https://github.com/relguard/relguard" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build --chmod=755 /out/${TARGETARCH}/relguard /relguard
# nobody, by its number: there is no /etc/passwd.
USER 65534:65534
WORKDIR /project
ENTRYPOINT ["/relguard"]
