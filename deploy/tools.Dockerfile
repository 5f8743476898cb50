# What the steps of cloudbuild.yaml run in: Node, the commands of docker and Terraform, and Go, which .ci/run makes its tools with.
# The engine of Cloud Build speaks the API 1.41 at most, by reports of April 2026; docker 29 asks for 1.44.
FROM docker.io/library/docker:28-cli AS docker
FROM docker.io/library/golang:1.26-bookworm AS go
FROM docker.io/hashicorp/terraform:1.13 AS terraform

FROM docker.io/library/node:24-bookworm
COPY --from=docker /usr/local/bin/docker /usr/local/bin/docker
COPY --from=docker /usr/local/libexec/docker /usr/local/libexec/docker
COPY --from=go /usr/local/go /usr/local/go
COPY --from=terraform /bin/terraform /usr/local/bin/terraform
