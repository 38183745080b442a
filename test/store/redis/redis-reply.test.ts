import { ReplyError } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { GuardRefused, GuardTimeout } from '../../../src/guard/guard.ts'
import { failureKind, isServerTrouble, serverReply } from '../../../src/store/redis/redis-reply.ts'

describe('a server reply that is no answer', () => {
  it.each([
    ['LOADING Redis is loading the dataset in memory', 'LOADING', 'unusable'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'MASTERDOWN', 'unusable'],
    ['CLUSTERDOWN Hash slot not served', 'CLUSTERDOWN', 'unusable'],
    ['BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.', 'BUSY', 'unusable'],
    ['NOAUTH Authentication required.', 'NOAUTH', 'unusable'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'WRONGPASS', 'unusable'],
    ["NOPERM this user has no permissions to run the 'get' command", 'NOPERM', 'unusable'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM', 'read-only'],
    ["READONLY You can't write against a read only replica.", 'READONLY', 'read-only'],
    ['MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.', 'MISCONF', 'read-only'],
    ['NOREPLICAS Not enough good replicas to write.', 'NOREPLICAS', 'read-only'],
    ['MOVED 3999 127.0.0.1:6381', 'MOVED', 'moved'],
    ['ASK 3999 127.0.0.1:6381', 'ASK', 'moved'],
    ['NOSCRIPT No matching script. Please use EVAL.', 'NOSCRIPT', 'no-script'],
    ['ERR Error running script (call to f_1): @user_script:5: OOM command not allowed', 'OOM', 'read-only'],
    ["ERR unknown command 'FOO'", 'ERR', 'reply'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'WRONGTYPE', 'reply'],
  ] as const)('has one reaction: %s', (message, word, reaction) => {
    const error = new ReplyError(message)
    expect(serverReply(error)).toEqual({ word, reaction })
    expect(failureKind(error)).toBe(word)
    expect(isServerTrouble(error)).toBe(reaction === 'unusable')
  })

  it('is told apart from a connection that gave none', () => {
    const lost = new Error('Connection is closed.')
    expect([serverReply(lost), failureKind(lost), isServerTrouble(lost)]).toEqual([undefined, 'connection', true])
  })

  it('is told apart from what the guard did', () => {
    expect(failureKind(new GuardTimeout('shard', 200, 'failure'))).toBe('timeout')
    expect(failureKind(new GuardRefused('shard', 'breaker', 100))).toBe('breaker')
    expect(failureKind(new GuardRefused('shard', 'limit', 100))).toBe('overload')
  })
})
