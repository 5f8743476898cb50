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
