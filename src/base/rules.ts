/**
 * The rules that keep the freshness contract and the origins' limits, one flag each. They are always all on; only the simulation switches one
 * off, to prove that its checker notices.
 */
export interface Rules {
  /** What an invalidation overtook while it was read is never cached. */
  readonly poison: boolean
  /** A fill is stored only while its own lease stands. */
  readonly leaseCheck: boolean
  /** Entries written in another epoch are no hits unless that epoch is accepted. */
  readonly epochs: boolean
  /** A new epoch begins with another `run_id`; off: with a last heartbeat that looks too old. */
  readonly runId: boolean
  /** A connection carries nothing before its first heartbeat is answered. */
  readonly heartbeatFirst: boolean
  /** An answer is current only if the shard answered a heartbeat of late. */
  readonly twoHeartbeats: boolean
  /** What tracking gave to near entries ends with the connections it came through. */
  readonly proofEndsWithPair: boolean
  /** Near entries are proven current by an invalidation that went all the way; off: by a ping of the subscriber. */
  readonly loopProof: boolean
  /** A reader joins only flights that departed within its bound. */
  readonly flightBound: boolean
  /** `as_of` counts from sending; off: from receipt. */
  readonly asOfFromSending: boolean
  /** A server's TIME is converted through the last heartbeat; off: compared with this machine's clock. */
  readonly ownClockOnly: boolean
  /** A quarantined epoch is accepted only when all that were alive have replayed. */
  readonly replayFirst: boolean
  /** While a hold stands, loads are not stored. */
  readonly hold: boolean
  /** A write goes to the homes of every ring that is in use; off: to that of the configured ring alone. */
  readonly everyHome: boolean
  /** Another ring is read by when all agree on it; off: at once. */
  readonly waitForAll: boolean
  /** Reading by another ring begins when all shards have answered to its announcement; off: with the announcement. */
  readonly announceFirst: boolean
  /** A ring is written to until nobody reads by it; off: as long as this sidecar reads by it. */
  readonly leaveLast: boolean
  /** A table of shares that knows nothing of what was granted before renews what is claimed, and grants nothing. */
  readonly newTableWaits: boolean
  /** So does one that was made by another run of its server. */
  readonly tableOfThisRun: boolean
  /** What a silent sidecar held is free again only when its calls must be over; off: when its lease is. */
  readonly deadQueriesRun: boolean
  /** A share shrinks in the table when its holder has said so; off: when it is told to. */
  readonly holdersWord: boolean
  /** A share is good from the moment it was asked for; off: from the answer. */
  readonly shareFromAsking: boolean
  /** A newcomer counts on its floor only when whoever it stands in for has nothing under way any more. */
  readonly floorWaits: boolean
  /** Each write to an origin has an intent of its own under its key; off: whoever settles settles for all. */
  readonly intentTokens: boolean
  /** What was written is stored only if nobody else meant to change the key meanwhile. */
  readonly intentAlone: boolean
  /** The intent of a write whose outcome is unknown stands until its end; off: it is settled. */
  readonly unknownStands: boolean
  /** A copy is as old as the lease under which its primary was read; off: as its storing. */
  readonly copyAsOfAtLease: boolean
  /** A version of a keyspace comes into force when every live sidecar makes its changes in it too; off: at once. */
  readonly versionAnnounced: boolean
  /** A keyspace has moved when every live sidecar reads by its next version; off: when the shards know of it. */
  readonly versionSeen: boolean
  /** A change of a key is made in all versions by which anybody may read it; off: in that of its own sidecar. */
  readonly everyVersion: boolean
  /** Nothing raises what a copy says of its age; off: it is read with tracking, and its channel vouches for it. */
  readonly copyUnproven: boolean
  /** What waits for an origin is flushed by whoever has the lease, and guarded by version; off: by anybody, and by nothing. */
  readonly orderedBehind: boolean
  /** What is stored under tags counts as of the beginning of its load; off: as of its storing. */
  readonly tagsAsOfLoad: boolean
  /** A tag of which there is no record may have been invalidated a moment ago. */
  readonly absentTagOvertakes: boolean
  /** The stamp of a tag says nothing of what was stored in another epoch of the tag's shard. */
  readonly tagEpochs: boolean
}

export const ALL_RULES: Rules = {
  poison: true,
  leaseCheck: true,
  epochs: true,
  runId: true,
  heartbeatFirst: true,
  twoHeartbeats: true,
  proofEndsWithPair: true,
  loopProof: true,
  flightBound: true,
  asOfFromSending: true,
  ownClockOnly: true,
  replayFirst: true,
  hold: true,
  everyHome: true,
  waitForAll: true,
  announceFirst: true,
  leaveLast: true,
  newTableWaits: true,
  tableOfThisRun: true,
  deadQueriesRun: true,
  holdersWord: true,
  shareFromAsking: true,
  floorWaits: true,
  intentTokens: true,
  intentAlone: true,
  unknownStands: true,
  copyAsOfAtLease: true,
  versionAnnounced: true,
  versionSeen: true,
  everyVersion: true,
  copyUnproven: true,
  orderedBehind: true,
  tagsAsOfLoad: true,
  absentTagOvertakes: true,
  tagEpochs: true,
}
