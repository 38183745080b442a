import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { find, kustomize } from '../kubernetes/kustomize.ts'
import { until } from '../support/until.ts'
import { output, type Running, start } from './command.ts'
import { APP_IMAGE, IMAGE } from './containers.ts'

export const TCP = '127.0.0.1:7400'
export const SOCKET = 'unix:/run/ringside/ringside.sock'
const GROUP_OF_THE_SOCKET = 10_001

export interface PodOptions {
  readonly name: string
  readonly folder: string
  readonly network: string
  readonly memory: string
  readonly config: string
}

/**
 * The pod of examples/native, run by podman, which knows neither native sidecars nor probes nor fsGroup: its volumes are
 * folders of this machine, so that its ConfigMap can be changed the way the kubelet changes one.
 */
export class Pod {
  readonly #options: PodOptions
  readonly #folder: string
  #configs = 0

  private constructor(options: PodOptions) {
    this.#options = options
    this.#folder = join(options.folder, options.name)
  }

  static async start(options: PodOptions): Promise<Pod> {
    const pod = new Pod(options)
    for (const volume of ['ringside-config', 'ringside-socket', 'ringside-journal']) {
      mkdirSync(join(pod.#folder, volume), { recursive: true })
      chmodSync(join(pod.#folder, volume), 0o777)
    }
    pod.configure(options.config)
    symlinkSync('..data/ringside.yaml', join(pod.#folder, 'ringside-config', 'ringside.yaml'))
    const file = join(pod.#folder, 'pod.yaml')
    writeFileSync(file, stringify(await pod.#manifest()))
    await output('podman', ['play', 'kube', '--network', options.network, file])
    return pod
  }

  get sidecar(): string {
    return `${this.#options.name}-ringside`
  }

  /** Puts another ConfigMap in place as the kubelet does: a new folder, and `..data` renamed to point to it. */
  configure(config: string): void {
    const volume = join(this.#folder, 'ringside-config')
    this.#configs += 1
    const version = `..version-${this.#configs}`
    mkdirSync(join(volume, version))
    writeFileSync(join(volume, version, 'ringside.yaml'), config)
    symlinkSync(version, join(volume, '..data_tmp'))
    renameSync(join(volume, '..data_tmp'), join(volume, '..data'))
  }

  /** Runs a command of the application in its container. */
  run(command: string, ...args: readonly string[]): Running {
    return start('podman', ['exec', `${this.#options.name}-app`, 'node', '/app/app.mjs', command, ...args])
  }

  /** What the command says in the end. */
  // biome-ignore lint/suspicious/noExplicitAny: each command has an answer of its own
  async ask(command: string, ...args: readonly string[]): Promise<any> {
    return JSON.parse((await this.run(command, ...args).ended).split('\n').at(-1) as string)
  }

  async inSidecar(...command: readonly string[]): Promise<string> {
    return await output('podman', ['exec', this.sidecar, ...command])
  }

  async signal(signal: 'TERM' | 'KILL'): Promise<void> {
    await output('podman', ['kill', '--signal', signal, this.sidecar])
  }

  /** Starts the sidecar's container again, in which it has ended. */
  async restart(): Promise<void> {
    await output('podman', ['start', this.sidecar])
  }

  /** How the sidecar's container has ended, or that it runs. */
  async state(): Promise<{
    running: boolean
    exitCode: number
    oomKilled: boolean
    startedAt: number
    finishedAt: number
  }> {
    const [{ State }] = JSON.parse(await output('podman', ['inspect', this.sidecar]))
    return {
      running: State.Running,
      exitCode: State.ExitCode,
      oomKilled: State.OOMKilled,
      startedAt: Date.parse(State.StartedAt),
      finishedAt: Date.parse(State.FinishedAt),
    }
  }

  /** The sidecar's container once it has ended. */
  async ended(): Promise<Awaited<ReturnType<Pod['state']>>> {
    await output('podman', ['wait', this.sidecar])
    let state = await this.state()
    await until('the end of the container', async () => {
      state = await this.state()
      return !state.running
    })
    return state
  }

  /** Most memory that the sidecar's container has had, of its limit. */
  async memory(): Promise<{ most: number; limit: number }> {
    const read = async (...files: readonly string[]) =>
      Number(
        await this.inSidecar('sh', '-c', files.map((file) => `cat /sys/fs/cgroup/${file} 2>/dev/null`).join(' || ')),
      )
    return {
      most: await read('memory/memory.max_usage_in_bytes', 'memory.peak'),
      limit: await read('memory/memory.limit_in_bytes', 'memory.max'),
    }
  }

  log(): Promise<string> {
    return output('podman', ['logs', this.sidecar])
  }

  async remove(): Promise<void> {
    await output('podman', ['pod', 'rm', '-f', '-t', '1', this.#options.name])
  }

  async #manifest(): Promise<object> {
    const { spec } = find(await kustomize('k8s/examples/native'), 'Deployment', 'shop')
    const { initContainers, containers, volumes, securityContext } = spec.template.spec
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: this.#options.name },
      spec: {
        restartPolicy: 'Never',
        securityContext,
        containers: [...initContainers, ...containers].map(this.#container),
        volumes: volumes
          .filter(({ name }: { name: string }) => name.startsWith('ringside-'))
          .map(({ name }: { name: string }) => ({
            name,
            hostPath: { path: join(this.#folder, name), type: 'Directory' },
          })),
      },
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: a container as it is in a manifest
  readonly #container = (container: any): object => {
    const { name, env, securityContext, volumeMounts } = container
    const kept = { name, securityContext, volumeMounts, imagePullPolicy: 'Never' }
    if (name === 'ringside') {
      // Without what podman cannot tell of a pod.
      const told = env.filter(({ valueFrom }: { valueFrom?: object }) => valueFrom === undefined)
      return { ...kept, image: IMAGE, env: told, resources: { limits: { memory: this.#options.memory } } }
    }
    return {
      ...kept,
      image: APP_IMAGE,
      command: ['node', '/app/app.mjs', 'idle'],
      // As with fsGroup: another user, in the group of the volume.
      securityContext: { ...securityContext, runAsUser: 1_000, runAsGroup: GROUP_OF_THE_SOCKET },
      volumeMounts: [{ name: 'ringside-socket', mountPath: '/run/ringside' }],
    }
  }
}
