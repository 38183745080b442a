import { z } from 'zod'

const texts = z.record(z.string(), z.string()).nullish()
const port = z.looseObject({ containerPort: z.number() })
const mount = z.looseObject({ mountPath: z.string() })
const named = z.looseObject({ name: z.string() })

const container = z.looseObject({
  name: z.string(),
  env: z.array(named).nullish(),
  ports: z.array(port).nullish(),
  volumeMounts: z.array(mount).nullish(),
})

const securityContext = z.looseObject({
  fsGroup: z.number().nullish(),
  supplementalGroups: z.array(z.number()).nullish(),
})

const pod = z.looseObject({
  metadata: z.looseObject({ labels: texts, annotations: texts }).nullish(),
  spec: z.looseObject({
    containers: z.array(container).min(1),
    initContainers: z.array(container).nullish(),
    volumes: z.array(named).nullish(),
    hostNetwork: z.boolean().nullish(),
    restartPolicy: z.string().nullish(),
    terminationGracePeriodSeconds: z.number().nullish(),
    securityContext: securityContext.nullish(),
  }),
})

/** A pod as far as injection looks at it; all lists and maps may be missing. */
export type Pod = z.output<typeof pod>
export type Container = z.output<typeof container>

/** `undefined` for what is no pod: the API server sends none such. */
export function readPod(object: unknown): Pod | undefined {
  const result = pod.safeParse(object)
  return result.success ? result.data : undefined
}

export function labelsOf({ metadata }: Pod): Readonly<Record<string, string>> {
  return metadata?.labels ?? {}
}

export function annotationsOf({ metadata }: Pod): Readonly<Record<string, string>> {
  return metadata?.annotations ?? {}
}

/** All but ephemeral ones, which a pod that is created cannot have. */
export function containersOf({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers]
}
