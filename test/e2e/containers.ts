import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { output } from './command.ts'
import { CERTIFICATES, makeStandIn } from './stand-in-base.ts'

export const IMAGE = 'localhost/ringside:e2e'
export const APP_IMAGE = 'localhost/ringside-app:e2e'

/** crun refuses hybrid cgroups, and the default limits of processes and files are more than a container in a machine may have. */
const ENGINE = `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`

/** Images, containers and a network of its own, which go with it. */
export class Containers {
  readonly folder: string
  readonly network = `ringside-e2e-${process.pid}`
  /** What the image was built on, for the report. */
  base = ''

  constructor(folder = mkdtempSync(join(tmpdir(), 'ringside-pod-'))) {
    this.folder = folder
    const settings = (name: string, text: string): string => {
      writeFileSync(join(this.folder, name), text)
      return join(this.folder, name)
    }
    process.env.CONTAINERS_CONF = settings(
      'containers.conf',
      `${ENGINE}[network]\nnetwork_config_dir = "${join(this.folder, 'networks')}"\n`,
    )
    process.env.CONTAINERS_STORAGE_CONF = settings(
      'storage.conf',
      `[storage]\ndriver = "overlay"\ngraphroot = "${join(this.folder, 'images')}"\nrunroot = "${join(this.folder, 'run')}"\n`,
    )
    process.env.BUILDAH_ISOLATION = 'chroot'
  }

  /** Builds the product's image by its Dockerfile, and the application's on top of it. */
  async build(): Promise<void> {
    const base = /^FROM (\S+)/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1] as string
    const isThere = await output('buildah', ['pull', '-q', base]).then(
      () => true,
      () => false,
    )
    this.base = isThere ? base : `a stand-in for ${base}: Debian bookworm with Node.js ${process.version}`
    if (!isThere) await makeStandIn(`docker.io/library/${base}`, this.folder)
    const certificates = process.env.NODE_EXTRA_CA_CERTS ?? '/etc/ssl/certs/ca-certificates.crt'
    const trust = existsSync(certificates) ? ['--volume', `${certificates}:${CERTIFICATES}:ro`] : []
    await this.#build([...trust, '-t', IMAGE, '.'])
    await this.#build(['-t', APP_IMAGE, 'test/e2e/app'])
  }

  async connect(): Promise<void> {
    await output('podman', ['network', 'create', this.network])
  }

  async #build(args: readonly string[]): Promise<void> {
    await output('buildah', ['bud', '-q', '--pull-never', '--network', 'host', ...args])
  }

  /** Bytes of an image, and of what it adds to its base. */
  async size(): Promise<{ total: number; own: number }> {
    const total = Number(await output('podman', ['image', 'inspect', '--format', '{{.Size}}', IMAGE]))
    const base = readFileSync('Dockerfile', 'utf8').match(/^FROM (\S+)/m)?.[1] as string
    return { total, own: total - Number(await output('podman', ['image', 'inspect', '--format', '{{.Size}}', base])) }
  }

  /** The address at which a pod reaches this machine. */
  async gateway(): Promise<string> {
    const { subnets } = await this.#network()
    return subnets[0]?.gateway ?? ''
  }

  async #network(): Promise<{ network_interface: string; subnets: readonly { gateway: string }[] }> {
    return JSON.parse(await output('podman', ['network', 'inspect', this.network]))[0]
  }

  async close(): Promise<void> {
    await output('podman', ['pod', 'rm', '-f', '-a', '-t', '1']).catch(() => '')
    const bridge = await this.#network().then(
      ({ network_interface }) => network_interface,
      () => '',
    )
    await output('podman', ['network', 'rm', '-f', this.network]).catch(() => '')
    // It stays when its network goes.
    await output('ip', ['link', 'delete', bridge]).catch(() => '')
    await output('podman', ['rmi', '-f', '-a']).catch(() => '')
    await output('umount', [join(this.folder, 'images', 'overlay')]).catch(() => '')
    rmSync(this.folder, { recursive: true, force: true })
  }
}
