import { access, chmod, constants, lstat, mkdir, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { RingsideError } from '../base/errors.ts'

/** Read and write for owner and group, so that an app under another user shares the group. */
const SOCKET_MODE = 0o660

/** `sun_path` has 108 bytes with its closing zero; a longer path would be cut short silently. */
const PATH_LIMIT_BYTES = 107

/** A folder that is not ours to make or to write is the machine's business: the server goes on without the socket. */
const FOLDER_ERRORS = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST']

/**
 * Makes the folder of a socket, and removes what a dead process left at its path.
 *
 * Answers why the socket cannot be had, when it is the folder's fault. Throws `CONFIG_INVALID` when the path is too long,
 * is something else than a socket, or is served by a process that lives.
 */
export async function clearSocketPath(path: string): Promise<string | undefined> {
  if (Buffer.byteLength(path) > PATH_LIMIT_BYTES) {
    throw socketError(`${path} is longer than ${PATH_LIMIT_BYTES} bytes; choose a shorter path`)
  }
  try {
    await mkdir(dirname(path), { recursive: true })
    await access(dirname(path), constants.W_OK | constants.X_OK)
    const found = await lstat(path).catch(ignoreAbsence)
    if (found === undefined) return undefined
    if (!found.isSocket()) throw socketError(`${path} exists and is not a socket; remove it or choose another path`)
    if (await isServed(path)) {
      throw socketError(`${path} is in use by another process; stop it or choose another path`)
    }
    await unlink(path).catch(ignoreAbsence)
    return undefined
  } catch (error) {
    const why = folderFault(error)
    if (why === undefined) throw error
    return why
  }
}

/** Opens a bound socket to owner and group, and to nobody else. */
export async function restrictSocket(path: string): Promise<void> {
  await chmod(path, SOCKET_MODE)
}

/** The system's message when the error is about the socket's folder. */
function folderFault(error: unknown): string | undefined {
  return error instanceof Error && FOLDER_ERRORS.includes(codeOf(error) ?? '') ? error.message : undefined
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Only a refusal proves that nobody listens; a full backlog, for one, proves the contrary.
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')))
  })
}

function ignoreAbsence(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function socketError(flaw: string): RingsideError {
  return new RingsideError('CONFIG_INVALID', `listen.socket: ${flaw}`)
}
