/** How long a first signal may take to end the run before it is ended hard: a reader that has stalled must not hold us. */
const GRACE_MS = 3000;

/** A request to end, from a signal. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Removes the signal handlers. */
  dispose(): void;
}

/** SIGINT and SIGTERM ask the run to end in order; the second one, or a stalled end, ends it at once. */
export function listenForStop(): Stop {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) endNow(signal);
    controller.abort();
    setTimeout(endNow, GRACE_MS, signal).unref();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    dispose() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

/** As the signal would have done without us. */
function endNow(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
