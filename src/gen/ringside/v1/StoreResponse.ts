// Original file: proto/ringside/v1/origin.proto


/**
 * The changes are stored.
 */
export interface StoreResponse {
}

/**
 * The changes are stored.
 */
export interface StoreResponse__Output {
}
