// With what the network of a window can be made worse.

export interface Switches {
  /** No connection. */
  readonly isOffline: boolean;
  /** Every message is late. */
  readonly isSlow: boolean;
  /** Every connection loses its messages after a while, and breaks then. */
  readonly isLossy: boolean;
}
