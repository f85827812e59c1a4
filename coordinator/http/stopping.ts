/** How the HTTP interface learns that the coordinator stops. */
export interface Stopping {
  /** Fires when no more tasks are accepted. */
  readonly refusing: AbortSignal;
  /** Fires when waiting clients are to be answered with what is known. */
  readonly waitingOver: AbortSignal;
}
