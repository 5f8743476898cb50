{{/* A part that speaks HTTP and is a client of the service: Deployment, Service and NetworkPolicy. */}}
{{- define "activity-events.httpPart" -}}
{{- $part := .part -}}
{{- $port := .port -}}
{{- $program := .program -}}
{{- $env := .env -}}
{{- $callsKeys := .callsKeys -}}
{{- $readsAccess := .readsAccess -}}
{{- $caller := dict "root" .root "token" (index .root.Values .part).tokenSecretName -}}
{{- with .root -}}
{{- $of := list . $part -}}
{{- $values := index .Values $part -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "activity-events.partName" $of }}
  labels:
    {{- include "activity-events.partLabels" $of | nindent 4 }}
spec:
  replicas: {{ $values.replicas }}
  selector:
    matchLabels:
      {{- include "activity-events.partSelector" $of | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "activity-events.partLabels" $of | nindent 8 }}
    spec:
      # The namespace's own account: it needs no rights, least of all the service's.
      automountServiceAccountToken: false
      enableServiceLinks: false
      # The pause before the drain, the drain itself, which takes up to 9 s, and time for a busy node.
      terminationGracePeriodSeconds: 20
      securityContext:
        {{- include "activity-events.podSecurity" . | nindent 8 }}
      {{- with include "activity-events.placement" . }}
      {{- . | trim | nindent 6 }}
      {{- end }}
      containers:
        - name: {{ $program | replace "_" "-" }}
          image: {{ include "activity-events.image" . | quote }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          command: [/usr/local/bin/node, /app/{{ $part }}/{{ $program }}.cjs]
          env:
            - { name: HOST, value: "0.0.0.0" }
            {{- include "activity-events.callerEnv" $caller | trim | nindent 12 }}
            {{- $env | trim | nindent 12 }}
            {{- with and $readsAccess (include "activity-events.accessEnv" . | trim) }}
            {{- . | nindent 12 }}
            {{- end }}
            - { name: LOG_LEVEL, value: {{ .Values.config.LOG_LEVEL | default "info" }} }
            - { name: LOG_FORMAT, value: json }
          ports:
            - name: http
              containerPort: {{ $port }}
          startupProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 1
            failureThreshold: 60
          readinessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 6
          # Proxies hear that the pod goes before it closes its sockets.
          lifecycle:
            preStop:
              sleep: { seconds: 3 }
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            {{- include "activity-events.containerSecurity" . | nindent 12 }}
          {{- with include "activity-events.partMounts" (dict "caller" $caller "readsAccess" $readsAccess) | trim }}
          volumeMounts:
            {{- . | nindent 12 }}
          {{- end }}
      {{- with include "activity-events.partVolumes" (dict "caller" $caller "readsAccess" $readsAccess) | trim }}
      volumes:
        {{- . | nindent 8 }}
      {{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "activity-events.partName" $of }}
  labels:
    {{- include "activity-events.partLabels" $of | nindent 4 }}
spec:
  selector:
    {{- include "activity-events.partSelector" $of | nindent 4 }}
  ports:
    - name: http
      port: 80
      targetPort: http
{{- if .Values.networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "activity-events.partName" $of }}
  labels:
    {{- include "activity-events.partLabels" $of | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "activity-events.partSelector" $of | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        {{- $values.from | default (list (dict "podSelector" dict)) | toYaml | nindent 8 }}
      ports:
        - { protocol: TCP, port: http }
  egress:
    {{- include "activity-events.egressToService" . | nindent 4 }}
    {{- if $callsKeys }}
    # The keys of those who sign.
    - ports:
        - { protocol: TCP, port: 443 }
    {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "activity-events.partMounts" -}}
{{- include "activity-events.callerMounts" .caller }}
{{- if .readsAccess }}{{ include "activity-events.accessMounts" .caller.root }}{{ end }}
{{- end -}}

{{- define "activity-events.partVolumes" -}}
{{- include "activity-events.callerVolumes" .caller }}
{{- if .readsAccess }}{{ include "activity-events.accessVolumes" .caller.root }}{{ end }}
{{- end -}}

{{/* What a client of the service may reach. */}}
{{- define "activity-events.egressToService" -}}
# Names.
- ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
# The service.
- to:
    - podSelector:
        matchLabels:
          {{- include "activity-events.selector" . | nindent 10 }}
  ports:
    - { protocol: TCP, port: 50051 }
{{- end -}}
