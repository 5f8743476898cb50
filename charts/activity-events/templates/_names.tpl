{{/* The name of what a release makes: the release's, once. */}}
{{- define "activity-events.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The labels that select the service's pods; they never change. */}}
{{- define "activity-events.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: service
{{- end -}}

{{- define "activity-events.labels" -}}
{{ include "activity-events.selector" . }}
{{ include "activity-events.release" . }}
{{- end -}}

{{/* The same for a part beside the service, such as `list . "page"`. */}}
{{- define "activity-events.partName" -}}
{{ include "activity-events.name" (first .) }}-{{ last . }}
{{- end -}}

{{- define "activity-events.partSelector" -}}
app.kubernetes.io/name: {{ (first .).Chart.Name }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{- define "activity-events.partLabels" -}}
{{ include "activity-events.partSelector" . }}
{{ include "activity-events.release" (first .) }}
{{- end -}}

{{/* The name of what forwards to a target, such as `list . "slack"`: a StatefulSet's may have 52 characters. */}}
{{- define "activity-events.forwardName" -}}
{{- $target := last . -}}
{{ include "activity-events.name" (first .) | trunc (int (sub 43 (len $target))) | trimSuffix "-" }}-forward-{{ $target }}
{{- end -}}

{{/* The label of all pods that forward. */}}
{{- define "activity-events.forwardLabel" -}}
activity-events/forwards-from: {{ .Release.Name }}
{{- end -}}

{{/* The name of the CronJob, which may have 52 characters. */}}
{{- define "activity-events.expireName" -}}
{{ include "activity-events.name" . | trunc 45 | trimSuffix "-" }}-expire
{{- end -}}

{{/* True if a CronJob purges what is over: the one instance of sqlite does it by itself. */}}
{{- define "activity-events.hasExpire" -}}
{{- if and .Values.retentionDays (eq .Values.store "firestore") -}}true{{- end -}}
{{- end -}}

{{/* How long deployments are kept, as the service reads it. */}}
{{- define "activity-events.retention" -}}
{{- $rules := list -}}
{{- range $environment, $days := .Values.retentionDays -}}
{{- $rules = append $rules (printf "%s=%d" $environment (int $days)) -}}
{{- end -}}
{{- join ", " $rules -}}
{{- end -}}

{{/* What tells which release a thing is of, for people and tools. */}}
{{- define "activity-events.release" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "activity-events.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "activity-events.replicasMin" -}}{{ .Values.replicas.min | default 2 }}{{- end -}}
{{- define "activity-events.replicasMax" -}}
{{- .Values.replicas.max | default (max 10 (include "activity-events.replicasMin" . | int)) -}}
{{- end -}}

{{/* A quantity of Kubernetes as a number to compare with others of its kind: cores, or mebibytes. */}}
{{- define "activity-events.quantity" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text }}{{ divf (trimSuffix "m" $text) 1000 }}
{{- else if hasSuffix "Gi" $text }}{{ mulf (trimSuffix "Gi" $text) 1024 }}
{{- else }}{{ trimSuffix "Mi" $text }}
{{- end }}
{{- end -}}
