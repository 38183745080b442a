/** What the label of a namespace, and the labels and annotations of a pod, begin with. */
export const PREFIX = 'ringside.dev/'

/** Label or annotation of a pod: `true` or `false`. */
export const INJECT = `${PREFIX}inject`

/** Label of a pod that has a sidecar. */
export const INJECTED = `${PREFIX}injected`

/** Annotation of a pod that has a sidecar: what it was given, as JSON. */
export const STATUS = `${PREFIX}status`

/** Of the container that is injected. */
export const CONTAINER = 'ringside'

export const VOLUMES = { config: 'ringside-config', socket: 'ringside-socket', journal: 'ringside-journal' } as const

export const FOLDERS = { config: '/etc/ringside', socket: '/run/ringside', journal: '/var/lib/ringside' } as const

export const SOCKET = `${FOLDERS.socket}/ringside.sock`

/** User and group of the sidecar. */
export const SIDECAR_ID = 10_001
