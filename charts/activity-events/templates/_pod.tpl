{{/* Who runs in a container, and what it may do: nothing but compute, write its volume and speak. */}}
{{- define "activity-events.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "activity-events.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where pods run, and with what they fetch their image. */}}
{{- define "activity-events.placement" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "activity-events.probe" -}}
{{- if .Values.tls.secretName -}}
tcpSocket: { port: 50051 }
{{- else -}}
grpc: { port: 50051 }
{{- end -}}
{{- end -}}

{{/* The pod of the service, the same for both stores but for the volume. */}}
{{- define "activity-events.pod" -}}
metadata:
  labels:
    {{- include "activity-events.labels" . | nindent 4 }}
spec:
  serviceAccountName: {{ include "activity-events.name" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  # The pause before the drain, the drain itself, which takes up to 8 s, and as much again for a busy node.
  terminationGracePeriodSeconds: 20
  securityContext:
    {{- include "activity-events.podSecurity" . | nindent 4 }}
  {{- with include "activity-events.placement" . }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- if eq .Values.store "firestore" }}
  # Apart from each other where that can be had; a cluster of one node or zone is no reason not to run.
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "activity-events.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: activity-server
      image: {{ include "activity-events.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      env:
        - { name: HOST, value: "0.0.0.0" }
        - { name: PORT, value: "50051" }
        - { name: STORE, value: {{ .Values.store }} }
        {{- if eq .Values.store "sqlite" }}
        - { name: DATA_DIR, value: /data }
        {{- else }}
        - { name: GOOGLE_CLOUD_PROJECT, value: {{ .Values.googleCloudProject | quote }} }
        {{- with .Values.firestoreDatabase }}
        - { name: FIRESTORE_DATABASE, value: {{ . | quote }} }
        {{- end }}
        {{- with .Values.pokeTopic }}
        - { name: POKE_TOPIC, value: {{ . | quote }} }
        {{- end }}
        {{- with .Values.pubsubEndpoint }}
        - { name: PUBSUB_ENDPOINT, value: {{ . | quote }} }
        {{- end }}
        {{- end }}
        {{- if eq .Values.access "open" }}
        - { name: ACCESS, value: open }
        {{- end }}
        {{- with include "activity-events.accessEnv" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with include "activity-events.tlsEnv" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        - { name: REFLECTION, value: {{ ternary "on" "off" .Values.reflection | quote }} }
        - { name: LOG_FORMAT, value: json }
        - { name: CONFIG_FILE, value: /config/config.yaml }
      ports:
        - name: grpc
          containerPort: 50051
      # Kubernetes' gRPC probe speaks no TLS. With TLS only the port is asked: the image's client would be a second Node within the memory
      # limit every few seconds. So a store that does not answer leaves the pod ready, and callers get UNAVAILABLE and retry.
      startupProbe:
        {{- include "activity-events.probe" . | nindent 8 }}
        periodSeconds: 1
        failureThreshold: 60
      readinessProbe:
        {{- include "activity-events.probe" . | nindent 8 }}
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 2
      # A store that does not answer makes the pod unready at once; a restart would not bring the store back, and would cut the
      # streams that are still fed. So only what has been unwell for three minutes is started anew.
      livenessProbe:
        {{- include "activity-events.probe" . | nindent 8 }}
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 18
      {{- if eq .Values.store "firestore" }}
      # Callers hear that the pod goes before it stops taking calls.
      lifecycle:
        preStop:
          sleep: { seconds: 3 }
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        {{- include "activity-events.containerSecurity" . | nindent 8 }}
      volumeMounts:
        # The whole folder: Kubernetes never updates a file that is mounted by subPath.
        - { name: config, mountPath: /config, readOnly: true }
        {{- with include "activity-events.accessMounts" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with include "activity-events.tlsMounts" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- if eq .Values.store "sqlite" }}
        - { name: data, mountPath: /data }
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "activity-events.name" . }}
    {{- with include "activity-events.accessVolumes" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with include "activity-events.tlsVolumes" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end -}}
