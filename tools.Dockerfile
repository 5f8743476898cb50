# What the steps of cloudbuild.yaml run in: Node, and the commands of docker and Terraform.
FROM docker.io/library/docker:29-cli AS docker
FROM docker.io/hashicorp/terraform:1.13 AS terraform

FROM docker.io/library/node:24-bookworm
COPY --from=docker /usr/local/bin/docker /usr/local/bin/docker
COPY --from=docker /usr/local/libexec/docker /usr/local/libexec/docker
COPY --from=terraform /bin/terraform /usr/local/bin/terraform
