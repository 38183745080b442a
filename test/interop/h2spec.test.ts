import { describe, expect, it } from 'vitest'
import { resultOf } from './h2spec.ts'

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="2. Streams" package="generic/2" id="2" tests="3" skipped="1" failures="0" errors="2">
    <testcase package="generic/2" classname="Sends a PRIORITY frame on idle stream" time="0.0012"></testcase>
    <testcase package="generic/2" classname="Sends a &quot;TE&quot; field" time="0.0012"><skipped></skipped></testcase>
    <testcase package="generic/2" classname="Sends a PRIORITY frame on half-closed (remote) stream" time="1.0024">
      <error>DATA frame
HEADERS Frame (length:29)</error>
    </testcase>
    <testcase package="http2/5.1" classname="Sends a DATA frame" time="1.0024">
      <failure>GOAWAY Frame
Connection closed
Timeout</failure>
    </testcase>
  </testsuite>
</testsuites>`

describe('the report of h2spec', () => {
  it('is read with what was expected', () => {
    expect(resultOf(REPORT)).toEqual({
      passed: 1,
      skipped: ['generic/2: Sends a "TE" field'],
      failed: [
        {
          name: 'generic/2: Sends a PRIORITY frame on half-closed (remote) stream',
          why: 'expected DATA frame, got HEADERS Frame (length:29)',
        },
        {
          name: 'http2/5.1: Sends a DATA frame',
          why: 'expected GOAWAY Frame or Connection closed, got Timeout',
        },
      ],
    })
  })
})
