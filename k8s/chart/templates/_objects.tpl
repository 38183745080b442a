{{- /* What kustomize puts on everything in base/injector: namespace and labels. */ -}}
{{- define "ringside.place" }}
{{-   $object := index . 0 }}
{{-   $labels := dict "app.kubernetes.io/name" "ringside-injector" "app.kubernetes.io/part-of" "ringside" }}
{{-   $_ := set $object.metadata "labels" (merge ($object.metadata.labels | default dict) $labels) }}
{{-   if ne $object.kind "MutatingWebhookConfiguration" }}
{{-     $_ := set $object.metadata "namespace" (index . 1) }}
{{-   end }}
{{-   if eq $object.kind "Deployment" }}
{{-     $template := $object.spec.template.metadata }}
{{-     $_ := set $template "labels" (merge $template.labels $labels) }}
{{-   end }}
{{- end }}

{{- define "ringside.deployment" }}
{{-   $object := index . 0 }}
{{-   $root := index . 1 }}
{{-   $container := index $object.spec.template.spec.containers 0 }}
{{-   $_ := set $object.spec "replicas" (int $root.Values.replicas) }}
{{-   $_ := set $container "image" $root.Values.image }}
{{-   $_ := set (index $container.env 0) "value" $root.Values.image }}
{{-   $_ := set $container "resources" (mergeOverwrite $container.resources $root.Values.resources) }}
{{-   if eq $root.Values.certificates "cert-manager" }}
{{-     $patch := (fromYaml ($root.Files.Get "files/cert-manager/deployment.yaml")).spec.template.spec }}
{{-     $_ := mergeOverwrite $container (index $patch.containers 0) }}
{{-     $_ := set $object.spec.template.spec "volumes" $patch.volumes }}
{{-   end }}
{{-   if $root.Values.highAvailability }}
{{-     $_ := mergeOverwrite $object (fromYaml ($root.Files.Get "files/high-availability/deployment.yaml")) }}
{{-   end }}
{{- end }}

{{- define "ringside.webhook" }}
{{-   $object := index . 0 }}
{{-   $root := index . 1 }}
{{-   if eq $root.Values.certificates "cert-manager" }}
{{-     $_ := mergeOverwrite $object (fromYaml ($root.Files.Get "files/cert-manager/webhook.yaml")) }}
{{-   end }}
{{-   if $root.Values.failClosed }}
{{-     range fromYamlArray ($root.Files.Get "files/fail-closed/webhook.yaml") }}
{{-       $_ := set $object "webhooks" (append $object.webhooks .value) }}
{{-     end }}
{{-   end }}
{{- end }}
