// Original file: proto/ringside/v1/admin.proto


/**
 * No options.
 */
export interface TopologyRequest {
}

/**
 * No options.
 */
export interface TopologyRequest__Output {
}
