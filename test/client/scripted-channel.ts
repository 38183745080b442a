import type { Channel, ChannelCall } from '../../src/client/channel.ts'
import { serviceDefinition } from '../../src/rpc/ringside-proto.ts'

export interface ScriptedCall {
  readonly method: string
  // biome-ignore lint/suspicious/noExplicitAny: a message as proto-loader reads it, of whichever method
  readonly request: any
  readonly call: ChannelCall
}

/** A channel that answers as it is told, in the words of proto-loader. */
export class ScriptedChannel implements Channel {
  readonly calls: ScriptedCall[] = []
  readonly #answer: (call: ScriptedCall) => object | Promise<object>

  constructor(answer: (call: ScriptedCall) => object | Promise<object>) {
    this.#answer = answer
  }

  async unary(path: string, message: Buffer, call: ChannelCall): Promise<Buffer> {
    const method = path.slice(path.lastIndexOf('/') + 1)
    const definition = serviceDefinition('ringside.v1.Cache')[method]
    if (definition === undefined) throw new Error(`no method ${method}`)
    const made = { method, request: definition.requestDeserialize(message), call }
    this.calls.push(made)
    return definition.responseSerialize(await this.#answer(made))
  }

  async close(): Promise<void> {}
}
