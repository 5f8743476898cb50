{{/* Who may call the service, and the files of TLS: of the service, and of what calls it. */}}

{{/* True if the access file may name issuers, whose keys are fetched from them; a Secret's file cannot be seen here. */}}
{{- define "activity-events.asksIssuers" -}}
{{- if eq .Values.access "file" -}}
{{- if or .Values.accessSecretName (fromYaml .Values.accessFile).issuers -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* The access file, for the service and the page. */}}
{{- define "activity-events.accessEnv" -}}
{{- if eq .Values.access "file" }}
- { name: ACCESS_FILE, value: /access/access.yaml }
{{- end }}
{{- end -}}

{{/* Whole folders: Kubernetes never updates a file that is mounted by subPath. */}}
{{- define "activity-events.accessMounts" -}}
{{- if eq .Values.access "file" }}
- { name: access, mountPath: /access, readOnly: true }
{{- end }}
{{- end -}}

{{- define "activity-events.accessVolumes" -}}
{{- if eq .Values.access "file" }}
- name: access
  {{- if .Values.accessSecretName }}
  secret:
    secretName: {{ .Values.accessSecretName | quote }}
  {{- else }}
  configMap:
    name: {{ include "activity-events.name" . }}-access
  {{- end }}
{{- end }}
{{- end -}}

{{/* The service's own certificate, and the authorities of its callers'. */}}
{{- define "activity-events.tlsEnv" -}}
{{- if .Values.tls.secretName }}
- { name: TLS_CERT_FILE, value: /tls/tls.crt }
- { name: TLS_KEY_FILE, value: /tls/tls.key }
{{- if .Values.tls.clientCa }}
- { name: TLS_CLIENT_CA_FILE, value: /client-ca/ca.crt }
{{- end }}
{{- end }}
{{- end -}}

{{- define "activity-events.tlsMounts" -}}
{{- if .Values.tls.secretName }}
- { name: tls, mountPath: /tls, readOnly: true }
{{- if .Values.tls.clientCa }}
- { name: client-ca, mountPath: /client-ca, readOnly: true }
{{- end }}
{{- end }}
{{- end -}}

{{- define "activity-events.tlsVolumes" -}}
{{- if .Values.tls.secretName }}
- name: tls
  secret:
    secretName: {{ .Values.tls.secretName | quote }}
{{- if .Values.tls.clientCa }}
- name: client-ca
  configMap:
    name: {{ include "activity-events.name" . }}-client-ca
{{- end }}
{{- end }}
{{- end -}}

{{/* What calls the service trusts the authority of its certificate, and shows a token and a certificate of its own. */}}
{{- define "activity-events.callerEnv" -}}
- { name: ACTIVITY_ADDRESS, value: "{{ if .root.Values.tls.secretName }}https://{{ end }}{{ include "activity-events.name" .root }}:50051" }
{{- if .root.Values.tls.secretName }}
- { name: ACTIVITY_CA_FILE, value: /service-ca/ca.crt }
{{- end }}
{{- if .root.Values.tls.clientSecretName }}
- { name: ACTIVITY_CLIENT_CERT_FILE, value: /client-certificate/tls.crt }
- { name: ACTIVITY_CLIENT_KEY_FILE, value: /client-certificate/tls.key }
{{- end }}
{{- if .token }}
- { name: ACTIVITY_TOKEN_FILE, value: /token/token }
{{- end }}
{{- end -}}

{{/* The same as flags of activity_client, which reads the address alone from its environment. */}}
{{- define "activity-events.callerFlags" -}}
{{- if .root.Values.tls.secretName }}
- --ca-file
- /service-ca/ca.crt
{{- end }}
{{- if .root.Values.tls.clientSecretName }}
- --client-cert
- /client-certificate/tls.crt
- --client-key
- /client-certificate/tls.key
{{- end }}
{{- if .token }}
- --token-file
- /token/token
{{- end }}
{{- end -}}

{{- define "activity-events.callerMounts" -}}
{{- if .root.Values.tls.secretName }}
- { name: service-ca, mountPath: /service-ca, readOnly: true }
{{- end }}
{{- if .root.Values.tls.clientSecretName }}
- { name: client-certificate, mountPath: /client-certificate, readOnly: true }
{{- end }}
{{- if .token }}
- { name: token, mountPath: /token, readOnly: true }
{{- end }}
{{- end -}}

{{- define "activity-events.callerVolumes" -}}
{{- if .root.Values.tls.secretName }}
# Without the key, which is the service's alone.
- name: service-ca
  secret:
    secretName: {{ .root.Values.tls.secretName | quote }}
    items: [{ key: ca.crt, path: ca.crt }]
{{- end }}
{{- with .root.Values.tls.clientSecretName }}
- name: client-certificate
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- with .token }}
- name: token
  secret:
    secretName: {{ . | quote }}
    items: [{ key: token, path: token }]
{{- end }}
{{- end -}}
