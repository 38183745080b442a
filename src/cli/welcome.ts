/** Three lines for someone who has just started the embedded defaults, ready to be pasted into another terminal. */
export function welcome(addresses: { readonly tcp: string | undefined; readonly admin: string | undefined }): string {
  const address = addresses.tcp === '127.0.0.1:7400' ? '' : ` --address ${addresses.tcp}`
  return `
Try it from another terminal:
  node dist/main.js get product 1${address}     # loaded from the origin: SOURCE_ORIGIN
  node dist/main.js get product 1${address}     # and now from the near cache: SOURCE_NEAR
  curl -s http://${addresses.admin}/metrics | grep ringside_requests_total

`
}
